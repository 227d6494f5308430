// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/certificates_reconciler.h"

#include <unistd.h>

#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "agent/reconcile/testing/state_builder.h"
#include "agent/watch/testing/fake_change_watch.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/certificate/certificate.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/profile.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using pki::OvnService;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;
using Set = std::set<OvnService>;

const Set kAll = {OvnService::kClient, OvnService::kOvnNb, OvnService::kOvnSb,
                  OvnService::kOvnNorthd, OvnService::kOvnController};

TEST(CertificatesPlanTest, NeededAreThoseOfWhatRunsOrShould) {
  NodeFacts facts;
  auto needed = [&](const std::vector<statepb::Service>& services) {
    return NeededCertificates(StateBuilder().Member(1, services).View(1),
                              facts);
  };
  EXPECT_EQ(needed(AllStateServices()), kAll);
  EXPECT_EQ(needed({statepb::SERVICE_SWITCH}), Set{OvnService::kClient});
  EXPECT_EQ(needed({statepb::SERVICE_CHASSIS}),
            (Set{OvnService::kClient, OvnService::kOvnController}));
  // To the end of what runs: a server has to leave its cluster first.
  const std::pair<supervisor::Service, OvnService> daemons[] = {
      {supervisor::Service::kNbOvsdbServer, OvnService::kOvnNb},
      {supervisor::Service::kSbOvsdbServer, OvnService::kOvnSb},
      {supervisor::Service::kNorthd, OvnService::kOvnNorthd},
      {supervisor::Service::kChassis, OvnService::kOvnController},
  };
  for (const auto& [daemon, certificate] : daemons) {
    for (const supervisor::Phase phase :
         {supervisor::Phase::kStarting, supervisor::Phase::kReady,
          supervisor::Phase::kStopping}) {
      facts.services[daemon].phase = phase;
      EXPECT_EQ(needed({}), (Set{OvnService::kClient, certificate}));
    }
    facts.services.clear();
  }
}

TEST(CertificatesPlanTest, IssuesWhatIsMissingDueOrDemanded) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  const absl::Duration day = absl::Hours(24);
  CertificatesObservation seen;
  seen.now = now;
  seen.bundle_current = true;
  seen.published[OvnService::kClient] = {{now - day, now + 300 * day}, true};
  const Set client = {OvnService::kClient};
  EXPECT_THAT(PlanCertificates(client, {}, seen).issue, IsEmpty());
  EXPECT_FALSE(PlanCertificates(client, {}, seen).publish);
  EXPECT_EQ(PlanCertificates(client, client, seen).issue, client);
  EXPECT_THAT(PlanCertificates(client, {OvnService::kOvnNb}, seen).issue,
              IsEmpty());
  EXPECT_EQ(PlanCertificates(kAll, {}, seen).issue.size(), 4u);
  // Not needed any more: published without it.
  seen.published[OvnService::kOvnNb] = seen.published[OvnService::kClient];
  EXPECT_TRUE(PlanCertificates(client, {}, seen).publish);
  seen.published.erase(OvnService::kOvnNb);
  seen.bundle_current = false;
  EXPECT_TRUE(PlanCertificates(client, {}, seen).publish);
  seen.bundle_current = true;

  auto& validity = seen.published[OvnService::kClient].validity;
  validity = {now - 700 * day, now + 9 * day};
  EXPECT_THAT(PlanCertificates(client, {}, seen).issue, IsEmpty())
      << "at its hour";
  seen.renew_due = true;
  EXPECT_EQ(PlanCertificates(client, {}, seen).issue, client);
  seen.renew_due = false;
  validity.not_after = now - day;
  EXPECT_EQ(PlanCertificates(client, {}, seen).issue, client) << "at once";
  validity = {now + day, now + 300 * day};
  EXPECT_EQ(PlanCertificates(client, {}, seen).issue, client);
  validity = {now - day, now + 300 * day};
  seen.published[OvnService::kClient].trusted = false;
  EXPECT_EQ(PlanCertificates(client, {}, seen).issue, client);
}

TEST(CertificatesPlanTest, WhatEndsWithItsCaIsNotIssuedAgain) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  const absl::Duration day = absl::Hours(24);
  CertificatesObservation seen;
  seen.now = now;
  seen.bundle_current = true;
  seen.renew_due = true;
  auto& client = seen.published[OvnService::kClient];
  client = {{now - 700 * day, now + 9 * day}, true, true};
  EXPECT_THAT(PlanCertificates({OvnService::kClient}, {}, seen).issue,
              IsEmpty());
  client.ends_with_ca = false;
  EXPECT_EQ(PlanCertificates({OvnService::kClient}, {}, seen).issue.size(), 1u);
}

TEST(CertificatesPlanTest, AShortLifeIsLookedAtInItsOwnTime) {
  const absl::Time now = absl::FromUnixSeconds(1'700'000'000);
  CertificatesObservation seen;
  seen.now = now;
  EXPECT_EQ(FirstShortRenewal(seen, 0.5), absl::InfiniteFuture());
  const absl::Time begin = now - pki::kBackdating;
  seen.published[OvnService::kClient] = {{begin, now + absl::Hours(17520)},
                                         true};
  EXPECT_EQ(FirstShortRenewal(seen, 0.5), absl::InfiniteFuture());
  seen.published[OvnService::kOvnNb] = {{begin, now + absl::Seconds(60)}, true};
  EXPECT_EQ(FirstShortRenewal(seen, 0), now + absl::Seconds(30));
  EXPECT_EQ(FirstShortRenewal(seen, 1), now + absl::Seconds(33));
  seen.published[OvnService::kOvnNb].ends_with_ca = true;
  EXPECT_EQ(FirstShortRenewal(seen, 0.5), absl::InfiniteFuture());
}

TEST(CertificatesPlanTest, LooksAtRenewalsAtNight) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  auto at = [&](int day, int hour, int minute) {
    return absl::FromCivil(absl::CivilMinute(2026, 11, day, hour, minute), utc);
  };
  EXPECT_EQ(NextRenewalCheck(at(23, 1, 0), utc, 0.0), at(23, 2, 0));
  EXPECT_EQ(NextRenewalCheck(at(23, 2, 10), utc, 0.5), at(23, 2, 15));
  EXPECT_EQ(NextRenewalCheck(at(23, 2, 20), utc, 0.5), at(24, 2, 15));
  EXPECT_EQ(NextRenewalCheck(at(30, 23, 0), utc, 0.0), at(31, 2, 0));
}

class CertificatesReconcilerTest : public ::testing::Test {
 protected:
  CertificatesReconcilerTest() : member_(pki_.Facts("node1")) {
    facts_.services_seen = true;
    const std::string ca = pki_.ovn_ca().certificate().ToPem();
    state_.Member(1, AllStateServices()).OvnAuthority(ca, ca);
    Restart();
  }

  void Restart() {
    CertificatesReconcilerOptions options;
    options.directory = dir_.File("pki");
    options.clock = &clock_;
    options.random = &random_;
    options.watch = &files_;
    options.issue = [this](const std::vector<CertificateDemand>& demands) {
      return Issue(demands);
    };
    reconciler_ =
        std::make_unique<CertificatesReconciler>(std::move(options), &facts_);
  }

  absl::StatusOr<IssuedCertificates> Issue(
      const std::vector<CertificateDemand>& demands) {
    if (!issuer_.ok()) return issuer_;
    IssuedCertificates issued;
    for (const CertificateDemand& demand : demands) {
      asked_.insert(demand.service);
      const auto request = pki::CertificateRequest::FromPem(demand.request_pem);
      const auto profile =
          pki::OvnServiceProfile(demand.service, member_, lifetime_);
      issued.certificates_pem.push_back(
          pki_.ovn_ca()
              .Issue(*profile, request->public_key(), clock_.Now(), random_)
              ->ToPem());
    }
    if (short_answer_) issued.certificates_pem.pop_back();
    return issued;
  }

  absl::Status Reconcile() { return reconciler_->Reconcile(state_.View(1)); }

  Set TakeAsked() { return std::exchange(asked_, {}); }

  std::string Published(const std::string& name) {
    return ReadFile(dir_.File("pki/" + name)).value_or("");
  }

  TempDir dir_;
  FakeClock clock_;
  SeededRandom random_{7};
  pki::TestPki pki_;
  pki::MemberFacts member_;
  StateBuilder state_;
  NodeFacts facts_;
  absl::Status issuer_;
  bool short_answer_ = false;
  absl::Duration lifetime_ = pki::kOvnServiceLifetime;
  FakeChangeWatch files_;
  Set asked_;
  std::unique_ptr<CertificatesReconciler> reconciler_;
};

TEST_F(CertificatesReconcilerTest, PublishesAWholeSetOnce) {
  EXPECT_OK(Reconcile());
  EXPECT_EQ(TakeAsked(), kAll);
  EXPECT_THAT(facts_.certificates,
              UnorderedElementsAre("client", "ovnnb", "ovnsb", "ovn-northd",
                                   "ovn-controller"));
  EXPECT_EQ(Published("cacert.pem"), pki_.ovn_ca().certificate().ToPem());
  const std::string certificate = Published("ovnnb-cert.pem");
  EXPECT_OK(Reconcile());
  Restart();
  EXPECT_OK(Reconcile());
  EXPECT_THAT(TakeAsked(), IsEmpty());
  EXPECT_EQ(Published("ovnnb-cert.pem"), certificate);
}

TEST_F(CertificatesReconcilerTest, AShortLifeIsRenewedWithinIt) {
  lifetime_ = absl::Seconds(60);
  EXPECT_OK(Reconcile());
  EXPECT_OK(Reconcile());
  TakeAsked();
  EXPECT_FALSE(reconciler_->hears()) << "nothing tells of its half";
  clock_.Advance(absl::Seconds(25));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(TakeAsked(), IsEmpty());
  clock_.Advance(absl::Seconds(10));
  // Once in vain: it is tried again.
  issuer_ = absl::UnavailableError("no leader");
  EXPECT_FALSE(Reconcile().ok());
  issuer_ = absl::OkStatus();
  EXPECT_OK(Reconcile());
  EXPECT_EQ(TakeAsked(), kAll);
  lifetime_ = pki::kOvnServiceLifetime;
  clock_.Advance(absl::Seconds(35));
  EXPECT_OK(Reconcile());
  EXPECT_OK(Reconcile());
  EXPECT_EQ(TakeAsked(), kAll);
  EXPECT_TRUE(reconciler_->hears());
}

TEST_F(CertificatesReconcilerTest, MendsWhatAnotherTouchesAsSoonAsItHearsOfIt) {
  EXPECT_OK(Reconcile());
  TakeAsked();
  const std::string certificate = Published("ovnnb-cert.pem");
  ASSERT_EQ(unlink(dir_.File("pki/ovnnb-cert.pem").c_str()), 0);
  files_.Change();
  EXPECT_OK(Reconcile());
  EXPECT_EQ(Published("ovnnb-cert.pem"), certificate);
  EXPECT_THAT(TakeAsked(), IsEmpty()) << "only the name was gone";

  clock_.Advance(absl::Seconds(2));
  ASSERT_EQ(unlink(dir_.File("pki/current/ovnnb-privkey.pem").c_str()), 0);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(TakeAsked(), IsEmpty()) << "nobody has told";
  files_.Change();
  EXPECT_OK(Reconcile());
  EXPECT_EQ(TakeAsked(), kAll);
  EXPECT_NE(Published("ovnnb-privkey.pem"), "");

  ASSERT_OK(RemoveTree(dir_.File("pki")));
  files_.hears = false;
  clock_.Advance(absl::Seconds(2));
  EXPECT_FALSE(Reconcile().ok());
  EXPECT_OK(Reconcile());
  EXPECT_NE(Published("ovnnb-privkey.pem"), "");
}

TEST_F(CertificatesReconcilerTest, AFailureKeepsWhatIsPublished) {
  EXPECT_OK(Reconcile());
  const std::string certificate = Published("client-cert.pem");
  clock_.Advance(absl::Seconds(5));
  for (const bool refuse : {true, false}) {
    issuer_ = refuse ? absl::UnavailableError("no leader") : absl::OkStatus();
    short_answer_ = !refuse;
    absl::Status answer;
    reconciler_->Demand({OvnService::kClient},
                        [&](const absl::Status& s) { answer = s; });
    EXPECT_FALSE(Reconcile().ok());
    EXPECT_FALSE(answer.ok());
    EXPECT_EQ(Published("client-cert.pem"), certificate);
  }
}

TEST_F(CertificatesReconcilerTest, AnAnswerThatIsTooShortIsNone) {
  short_answer_ = true;
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kInternal));
  EXPECT_EQ(Published("client-cert.pem"), "");
}

TEST_F(CertificatesReconcilerTest, ReissuesOnDemandAfterASecond) {
  EXPECT_OK(Reconcile());
  TakeAsked();
  const std::string client = Published("client-cert.pem");
  const std::string nb = Published("ovnnb-cert.pem");
  std::optional<absl::Status> answer;
  reconciler_->Demand({OvnService::kClient},
                      [&](const absl::Status& s) { answer = s; });
  // OVS must not see two sets within a second; nothing is issued twice.
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(answer.has_value()) << "it is not published yet";
  EXPECT_EQ(Published("client-cert.pem"), client);
  clock_.Advance(absl::Seconds(2));
  EXPECT_OK(Reconcile());
  ASSERT_TRUE(answer.has_value());
  EXPECT_OK(*answer);
  EXPECT_THAT(TakeAsked(), ElementsAre(OvnService::kClient));
  EXPECT_NE(Published("client-cert.pem"), client);
  EXPECT_EQ(Published("ovnnb-cert.pem"), nb);
}

TEST_F(CertificatesReconcilerTest, ADemandWithinTheSecondIsNotForgotten) {
  EXPECT_OK(Reconcile());
  TakeAsked();
  const std::string client = Published("client-cert.pem");
  const std::string sb = Published("ovnsb-cert.pem");
  std::optional<absl::Status> first;
  std::optional<absl::Status> second;
  reconciler_->Demand({OvnService::kClient},
                      [&](const absl::Status& s) { first = s; });
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  reconciler_->Demand({OvnService::kOvnSb},
                      [&](const absl::Status& s) { second = s; });
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
  EXPECT_FALSE(first.has_value() || second.has_value());
  for (int pass = 0; pass < 3; ++pass) {
    clock_.Advance(absl::Seconds(2));
    // Each is told when, and not before, its own is out.
    (void)Reconcile();
    EXPECT_EQ(first.has_value(), Published("client-cert.pem") != client);
    EXPECT_EQ(second.has_value(), Published("ovnsb-cert.pem") != sb);
  }
  ASSERT_TRUE(first.has_value() && second.has_value());
  EXPECT_OK(*first);
  EXPECT_OK(*second);
}

TEST_F(CertificatesReconcilerTest, ADemandThatCannotBeMetIsNotAnsweredDone) {
  std::optional<absl::Status> answer;
  const auto demand = [&](OvnService service) {
    answer.reset();
    reconciler_->Demand({service}, [&](const absl::Status& s) { answer = s; });
  };
  demand(OvnService::kClient);
  state_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING);
  EXPECT_OK(Reconcile());
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, StatusIs(absl::StatusCode::kCancelled));

  state_.Member(1, {statepb::SERVICE_CHASSIS});
  demand(OvnService::kOvnNb);
  EXPECT_OK(Reconcile());
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, HasReason("CERTIFICATE_SERVICE_NOT_ENABLED"));

  demand(OvnService::kClient);
  reconciler_->Cancel(absl::CancelledError("it stops"));
  ASSERT_TRUE(answer.has_value());
  EXPECT_THAT(*answer, StatusIs(absl::StatusCode::kCancelled));
}

TEST_F(CertificatesReconcilerTest, RemovesWhatIsNotNeededAnyMore) {
  EXPECT_OK(Reconcile());
  state_.Member(1, {statepb::SERVICE_CHASSIS});
  clock_.Advance(absl::Seconds(5));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(facts_.certificates,
              UnorderedElementsAre("client", "ovn-controller"));
  EXPECT_EQ(Published("ovnnb-privkey.pem"), "");
  EXPECT_NE(Published("client-privkey.pem"), "");
}

TEST_F(CertificatesReconcilerTest, RenewsInTime) {
  EXPECT_OK(Reconcile());
  TakeAsked();
  clock_.Advance(absl::Hours(24 * 719));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(TakeAsked(), IsEmpty());
  clock_.Advance(absl::Hours(48));
  EXPECT_OK(Reconcile());
  EXPECT_EQ(TakeAsked(), kAll);
}

TEST_F(CertificatesReconcilerTest, FollowsANewCa) {
  EXPECT_OK(Reconcile());
  TakeAsked();
  pki::TestPki other(clock_.Now(), 2);
  const std::string ca = other.ovn_ca().certificate().ToPem();
  // Distributed first: both are trusted, the old one still issues.
  state_.OvnAuthority(pki_.ovn_ca().certificate().ToPem(),
                      pki_.ovn_ca().certificate().ToPem() + ca);
  clock_.Advance(absl::Seconds(5));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(TakeAsked(), IsEmpty());
  EXPECT_THAT(Published("cacert.pem"), testing::HasSubstr(ca));
}

// A CA that has ended, or whose key nobody can open, while certificates are to
// be renewed: it is left behind all the same.
TEST_F(CertificatesReconcilerTest, TrustsANewCaThoughTheOldOneIssuesNoMore) {
  EXPECT_OK(Reconcile());
  TakeAsked();
  const std::string before = Published("client-cert.pem");
  const std::string old = pki_.ovn_ca().certificate().ToPem();
  clock_.Advance(absl::Hours(24 * 3700));
  pki::TestPki other(clock_.Now(), 2);
  const std::string fresh = other.ovn_ca().certificate().ToPem();
  issuer_ = absl::FailedPreconditionError("the ovn CA has expired");
  state_.OvnAuthority(old, old + fresh).OvnGeneration(5);
  for (int pass = 0; pass < 2; ++pass) {
    EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kFailedPrecondition))
        << "it is told, and tried again";
    EXPECT_THAT(Published("cacert.pem"), testing::HasSubstr(fresh));
    EXPECT_EQ(Published("client-cert.pem"), before);
    EXPECT_EQ(facts_.ovn_published_generation, 5);
    clock_.Advance(absl::Seconds(5));
  }
  // What the new one is to replace is not passed off as replaced.
  state_.OvnAuthority(fresh, old + fresh).OvnGeneration(6);
  issuer_ = absl::UnavailableError("no leader");
  EXPECT_FALSE(Reconcile().ok());
  EXPECT_EQ(facts_.ovn_published_generation, 5);
}

TEST_F(CertificatesReconcilerTest, WaitsForTheCaAndLeavesALeaverAlone) {
  StateBuilder none;
  none.Member(1, AllStateServices());
  EXPECT_THAT(reconciler_->Reconcile(none.View(1)),
              StatusIs(absl::StatusCode::kUnavailable));
  state_.Member(1, AllStateServices(), statepb::Member::STATE_LEAVING);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(TakeAsked(), IsEmpty());
  facts_.services_seen = false;
  state_.Member(1, AllStateServices());
  EXPECT_THAT(Reconcile(), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace microovn::agent
