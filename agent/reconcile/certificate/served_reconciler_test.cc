// SPDX-License-Identifier: Apache-2.0
#include "agent/reconcile/certificate/served_reconciler.h"

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "agent/reconcile/testing/state_builder.h"
#include "base/file/file.h"
#include "base/testing/fake_clock.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/publishing/generation_publisher.h"
#include "pki/testing/test_pki.h"

namespace microovn::agent {
namespace {

using supervisor::Service;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// A node whose two servers are ports in a table.
class ServedReconcilerTest : public ::testing::Test {
 protected:
  ServedReconcilerTest()
      : member_(pki_.Facts("node1")),
        reconciler_(
            {dir_.File("pki"),
             {{Service::kNbOvsdbServer, pki::OvnService::kOvnNb, {6641, 6643}},
              {Service::kSbOvsdbServer, pki::OvnService::kOvnSb, {6642, 6644}}},
             [this](const HostPort& address, const pki::ServiceCertificate&) {
               return Observe(address);
             },
             [this](Service daemon) {
               ended_.push_back(daemon);
               return end_status_;
             }},
            &facts_) {
    const std::string ca = pki_.ovn_ca().certificate().ToPem();
    state_.Member(1, AllStateServices()).OvnAuthority(ca, ca);
    facts_.services[Service::kNbOvsdbServer].phase = supervisor::Phase::kReady;
    facts_.services[Service::kNbOvsdbServer].pid = 1;
    facts_.services[Service::kSbOvsdbServer] =
        facts_.services[Service::kNbOvsdbServer];
    Publish(pki_.OvnBundle());
  }

  // New certificates under `bundle`, in the files and nowhere else.
  void Publish(const pki::TrustBundle& bundle) {
    clock_.Advance(absl::Seconds(2));
    pki::GenerationPublisher::Options options;
    options.directory = dir_.File("pki");
    auto publisher = pki::GenerationPublisher::Open(options, clock_);
    ASSERT_OK(publisher.status());
    pki::CertificateSet set;
    set.bundle = bundle;
    for (const auto service :
         {pki::OvnService::kClient, pki::OvnService::kOvnNb,
          pki::OvnService::kOvnSb}) {
      pki::TestLeaf leaf = pki_.Service(service, member_);
      set.services.push_back(
          {service, std::move(leaf.certificate), std::move(leaf.key)});
    }
    ASSERT_OK(publisher->Publish(set).status());
  }

  // The daemons read their files.
  void Reload() {
    const auto set = pki::LoadCertificateSet(dir_.File("pki/current"));
    ASSERT_OK(set.status());
    for (const uint16_t port : {6641, 6642, 6643, 6644}) {
      const auto service =
          port % 2 == 1 ? pki::OvnService::kOvnNb : pki::OvnService::kOvnSb;
      pki::ServedTls served = {Find(*set, service)->certificate, {}};
      for (const pki::Certificate& ca : set->bundle.certificates()) {
        served.ca_names.push_back(pki::NameOf(ca));
      }
      served_.insert_or_assign(port, std::move(served));
    }
  }

  absl::StatusOr<pki::ServedTls> Observe(const HostPort& address) {
    asked_.push_back(address.port);
    EXPECT_EQ(address.host, "10.0.0.1");
    const auto found = served_.find(address.port);
    if (found == served_.end()) return absl::NotFoundError("refused");
    return found->second;
  }

  absl::Status Reconcile() { return reconciler_.Reconcile(state_.View(1)); }
  std::vector<uint16_t> Asked() { return std::exchange(asked_, {}); }

  TempDir dir_;
  FakeClock clock_;
  pki::TestPki pki_;
  const pki::MemberFacts member_;
  StateBuilder state_;
  NodeFacts facts_;
  std::map<uint16_t, absl::StatusOr<pki::ServedTls>> served_;
  std::vector<uint16_t> asked_;
  std::vector<Service> ended_;
  absl::Status end_status_;
  ServedReconciler reconciler_;
};

TEST_F(ServedReconcilerTest, LooksAtNothingWhileNothingIsRotated) {
  EXPECT_OK(Reconcile());
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_EQ(facts_.ovn_observed_generation, 0u);
}

TEST_F(ServedReconcilerTest, WaitsForTheFilesThenForEachPort) {
  Reload();
  state_.OvnGeneration(2);
  EXPECT_EQ(Reconcile().code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(Asked(), IsEmpty()) << "nothing is published for it";

  Publish(pki_.OvnBundle());
  facts_.ovn_published_generation = 2;
  absl::Status status = Reconcile();
  EXPECT_THAT(std::string(status.message()), HasSubstr("certificate before"));
  EXPECT_THAT(Asked(), ElementsAre(6641));
  Reload();
  EXPECT_OK(Reconcile());
  EXPECT_THAT(Asked(), ElementsAre(6641, 6643, 6642, 6644));
  EXPECT_EQ(facts_.ovn_observed_generation, 2u);
  EXPECT_OK(Reconcile());
  EXPECT_THAT(Asked(), IsEmpty()) << "it has been seen";
}

TEST_F(ServedReconcilerTest, SeesADaemonThatDoesNotTrustTheSuccessorYet) {
  pki::TestPki next(pki_.now(), 2);
  Reload();
  pki::TrustBundle both = pki_.OvnBundle();
  ASSERT_OK(both.Add(next.ovn_ca().certificate()));
  Publish(both);
  Reload();
  served_.at(6644)->ca_names.pop_back();
  state_.OvnGeneration(2);
  facts_.ovn_published_generation = 2;
  const absl::Status status = Reconcile();
  EXPECT_THAT(std::string(status.message()),
              HasSubstr("10.0.0.1:6644 does not trust"));
  EXPECT_EQ(facts_.ovn_observed_generation, 0u);
}

TEST_F(ServedReconcilerTest, WhatDoesNotListenReadsItsFilesLater) {
  Reload();
  served_.erase(6643);
  facts_.services.erase(Service::kSbOvsdbServer);
  state_.OvnGeneration(2);
  facts_.ovn_published_generation = 2;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(Asked(), ElementsAre(6641, 6643)) << "no server, no port";
}

// What it opened before it was removed would stay open for ever.
TEST_F(ServedReconcilerTest, WhatARemovedMemberMayHaveOpenedIsEnded) {
  Reload();
  state_.OvnGeneration(2).OvnPhase(statepb::Authority::PHASE_REISSUE);
  state_.RotatedBecauseOf("node3");
  facts_.ovn_published_generation = 2;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(ended_, IsEmpty()) << "its certificates are good still";

  state_.OvnGeneration(3).OvnPhase(statepb::Authority::PHASE_UNSPECIFIED);
  facts_.ovn_published_generation = 3;
  end_status_ = absl::UnavailableError("no answer");
  EXPECT_EQ(Reconcile().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(facts_.ovn_observed_generation, 2u);
  ended_.clear();
  end_status_ = absl::OkStatus();
  EXPECT_OK(Reconcile());
  EXPECT_THAT(ended_,
              ElementsAre(Service::kNbOvsdbServer, Service::kSbOvsdbServer));
  EXPECT_OK(Reconcile());
  EXPECT_THAT(ended_, testing::SizeIs(2)) << "once";
}

TEST_F(ServedReconcilerTest, OtherRotationsEndNothing) {
  Reload();
  state_.OvnGeneration(2).RotatedBecauseOf("");
  facts_.ovn_published_generation = 2;
  EXPECT_OK(Reconcile());
  EXPECT_EQ(facts_.ovn_observed_generation, 2u);
  EXPECT_THAT(ended_, IsEmpty());
}

TEST_F(ServedReconcilerTest, ADaemonThatHangsHoldsItUp) {
  Reload();
  served_.insert_or_assign(6641, absl::DeadlineExceededError("no answer"));
  state_.OvnGeneration(2);
  facts_.ovn_published_generation = 2;
  EXPECT_EQ(Reconcile().code(), absl::StatusCode::kUnavailable);
}

TEST_F(ServedReconcilerTest, AnAgentThatStartsAgainAsksNothingTwice) {
  statepb::ReportMember command;
  command.mutable_report()->set_member_id(StateBuilder::Id(1));
  command.mutable_report()->set_ovn_observed_generation(2);
  state_.OvnGeneration(2).Report(command);
  facts_.ovn_published_generation = 2;
  EXPECT_OK(Reconcile());
  EXPECT_THAT(Asked(), IsEmpty());
  EXPECT_EQ(facts_.ovn_observed_generation, 2u);
  state_.OvnGeneration(3);
  facts_.ovn_published_generation = 3;
  Reload();
  EXPECT_OK(Reconcile());
  EXPECT_THAT(Asked(), testing::SizeIs(4)) << "the next phase is looked at";
}

}  // namespace
}  // namespace microovn::agent
