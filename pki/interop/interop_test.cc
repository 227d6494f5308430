// SPDX-License-Identifier: Apache-2.0
// Whether the openssl program, as MicroOVN's own tests use it, agrees with
// what this folder writes.
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "base/crypto/random.h"
#include "base/file/file.h"
#include "base/process/command_runner.h"
#include "base/testing/status_matchers.h"
#include "base/testing/temp_dir.h"
#include "base/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "pki/authority/certificate_authority.h"
#include "pki/certificate/certificate_request.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/name/ovn_service.h"
#include "pki/publishing/generation_publisher.h"
#include "pki/sealing/sealed_key.h"
#include "pki/sealing/sealing_key.h"
#include "pki/testing/test_pki.h"

namespace microovn::pki {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;

class OpensslProgram : public ::testing::Test {
 protected:
  // The program reads the machine's clock.
  OpensslProgram() : pki_(Clock::Real().Now()) {}

  void SetUp() override {
    if (!Run({"version"}).ok()) GTEST_SKIP() << "there is no openssl program";
  }

  static absl::StatusOr<std::string> Run(std::vector<std::string> arguments,
                                         std::string input = "") {
    arguments.insert(arguments.begin(), "openssl");
    Command command;
    command.argv = std::move(arguments);
    command.input = std::move(input);
    command.timeout = absl::Minutes(1);
    return RunForOutput(CommandRunner::Real(), command);
  }

  // Publishes all services under `ca`; returns the directory.
  std::string Publish(const CertificateAuthority& ca) {
    CertificateSet set;
    set.bundle = *TrustBundle::From(ca.chain());
    const MemberFacts facts = pki_.Facts("node1", "10.0.0.1");
    for (const OvnService service : kOvnServices) {
      TestLeaf leaf =
          pki_.Issue(ca, *OvnServiceProfile(service, facts), pki_.now());
      set.services.push_back(
          {service, std::move(leaf.certificate), std::move(leaf.key)});
    }
    absl::StatusOr<GenerationPublisher> publisher =
        GenerationPublisher::Open({dir_.File("pki"), nullptr}, Clock::Real());
    EXPECT_OK(publisher);
    EXPECT_OK(publisher->Publish(set));
    return dir_.File("pki");
  }

  // What MicroOVN's tests check for every service.
  void CheckPublished(const CertificateAuthority& ca) {
    const std::string directory = Publish(ca);
    const std::string bundle = JoinPath(directory, kCaCertificateFile);
    for (const OvnService service : kOvnServices) {
      const std::string certificate =
          JoinPath(directory, CertificateFile(service));
      const std::string key = JoinPath(directory, PrivateKeyFile(service));
      EXPECT_THAT(Run({"verify", "-CAfile", bundle, certificate}),
                  IsOkAndHolds(certificate + ": OK\n"));
      const absl::StatusOr<std::string> certified =
          Run({"x509", "-in", certificate, "-noout", "-pubkey"});
      EXPECT_THAT(certified, IsOkAndHolds(StartsWith("-----BEGIN PUBLIC KEY")));
      EXPECT_EQ(*certified, *Run({"ec", "-in", key, "-pubout"}));
    }
    ASSERT_OK(RemoveTree(directory));
  }

  TempDir dir_;
  TestPki pki_;
};

TEST_F(OpensslProgram, VerifiesWhatEachCaIssues) {
  for (const KeyType type :
       {KeyType::kP256, KeyType::kP384, KeyType::kEd25519}) {
    const absl::StatusOr<CertificateAuthority> ca =
        CertificateAuthority::Create(Plane::kOvn, type, pki_.now(),
                                     pki_.random());
    ASSERT_OK(ca);
    CheckPublished(*ca);
  }
}

// A root and an issuing CA that the program made, in RSA.
TEST_F(OpensslProgram, VerifiesWhatAUsersCaIssues) {
  const std::string root_key = dir_.File("root.key");
  const std::string root = dir_.File("root.pem");
  ASSERT_OK(Run({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj",
                 "/C=US/DC=example/CN=Test Root", "-days", "10", "-keyout",
                 root_key, "-out", root}));
  const std::string key = dir_.File("ca.key");
  const std::string request = dir_.File("ca.csr");
  ASSERT_OK(Run({"req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj",
                 "/CN=Test CA", "-keyout", key, "-out", request}));
  ASSERT_OK(WriteFile(dir_.File("ext"),
                      "basicConstraints=critical,CA:TRUE\n"
                      "keyUsage=critical,keyCertSign,cRLSign\n",
                      0600));
  const std::string certificate = dir_.File("ca.pem");
  ASSERT_OK(Run({"x509", "-req", "-in", request, "-CA", root, "-CAkey",
                 root_key, "-CAcreateserial", "-days", "10", "-extfile",
                 dir_.File("ext"), "-out", certificate}));
  // "req -x509" of Debian sets no keyUsage, which we want from every CA.
  const absl::Time now = Clock::Real().Now() + absl::Seconds(1);
  const std::string chain = *ReadFile(certificate) + *ReadFile(root);
  EXPECT_THAT(
      CertificateAuthority::FromUser(Plane::kOvn, chain, *ReadFile(key), now),
      StatusIs(absl::StatusCode::kInvalidArgument,
               HasSubstr("lacks the key usage keyCertSign")));
  ASSERT_OK(Run({"req", "-x509", "-key", root_key, "-subj",
                 "/C=US/DC=example/CN=Test Root", "-days", "10", "-addext",
                 "keyUsage=critical,keyCertSign", "-out", root}));
  const absl::StatusOr<CertificateAuthority> ca =
      CertificateAuthority::FromUser(Plane::kOvn,
                                     *ReadFile(certificate) + *ReadFile(root),
                                     *ReadFile(key), now);
  ASSERT_OK(ca);
  CheckPublished(*ca);
}

TEST_F(OpensslProgram, ReadsOurRequests) {
  const absl::StatusOr<PrivateKey> key = PrivateKey::Generate();
  ASSERT_OK(key);
  const absl::StatusOr<CertificateRequest> request =
      CertificateRequest::Create(*key);
  ASSERT_OK(request);
  EXPECT_OK(Run({"req", "-verify", "-noout"}, request->ToPem()));
}

// What a sealed key needs to be opened is in the node's state directory, and
// no program of ours.
TEST_F(OpensslProgram, OpensASealedKey) {
  const absl::StatusOr<SealingKey> sealing = SealingKey::LoadOrCreate(
      {dir_.path(), {}}, Clock::Real(), RandomSource::Real());
  ASSERT_OK(sealing);
  const PrivateKey& ca_key = pki_.ovn_ca().key(KeyAccess::Granted());
  const absl::StatusOr<SealedKey> sealed =
      SealedKey::Seal(ca_key, {sealing->certificate()});
  ASSERT_OK(sealed);
  ASSERT_OK(WriteFile(dir_.File("sealed"), sealed->der(), 0600));
  const std::string pair = dir_.File("sealing-key.pem");
  const absl::StatusOr<std::string> opened =
      Run({"cms", "-decrypt", "-inform", "DER", "-in", dir_.File("sealed"),
           "-recip", pair, "-inkey", pair});
  ASSERT_OK(opened);
  EXPECT_EQ(ca_key.ToPem(KeyAccess::Granted())->Reveal(), *opened);
}

}  // namespace
}  // namespace microovn::pki
