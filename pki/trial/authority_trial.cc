// SPDX-License-Identifier: Apache-2.0
#include "pki/trial/authority_trial.h"

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "base/status/status_macros.h"
#include "pki/authority/unfit_ca.h"
#include "pki/certificate/chain_verifier.h"
#include "pki/certificate/trust_bundle.h"
#include "pki/errors.h"
#include "pki/key/private_key.h"
#include "pki/name/distinguished_name.h"
#include "pki/name/ovn_service.h"
#include "pki/trial/tls_trial.h"

namespace microovn::pki {
namespace {

class Trial {
 public:
  Trial(const AuthorityTrial& trial, PrivateKey key, RandomSource& random)
      : trial_(trial), key_(std::move(key)), random_(random) {}

  absl::Status Run() {
    RETURN_IF_ERROR(CheckLife());
    RETURN_IF_ERROR(CheckNames());
    RETURN_IF_ERROR(MakeBundles());
    // Names and addresses differ by member, the unit by service.
    for (const OvnService service : kOvnServices) {
      RETURN_IF_ERROR(TryLeaf(service, trial_.members.front()));
    }
    for (const MemberFacts& member : trial_.members) {
      RETURN_IF_ERROR(TryLeaf(OvnService::kClient, member));
    }
    return TryHandshakes();
  }

 private:
  absl::Status Unfit(absl::string_view why) const {
    return UnfitCa(trial_.authority.chain(), trial_.now, why);
  }

  absl::Status CheckLife() const {
    for (const Certificate& link : trial_.authority.chain()) {
      if (link.not_after() - trial_.now >= kShortestCaLife) continue;
      return Unfit(
          absl::StrCat(ToText(link.subject()), " ends at ",
                       absl::FormatTime(absl::RFC3339_sec, link.not_after(),
                                        absl::UTCTimeZone()),
                       ", and nothing that it issues would last a day"));
    }
    return absl::OkStatus();
  }

  // OpenSSL looks an issuer up by its name. Two of one name are told apart by
  // their key identifiers only, and it never tries the second.
  absl::Status CheckNames() const {
    for (const Certificate& mine : trial_.authority.chain()) {
      for (const Certificate& other : trial_.beside) {
        if (mine.public_key() == other.public_key() ||
            X509_NAME_cmp(X509_get_subject_name(mine.x509()),
                          X509_get_subject_name(other.x509())) != 0) {
          continue;
        }
        if (X509_get0_subject_key_id(mine.x509()) != nullptr &&
            X509_get0_subject_key_id(other.x509()) != nullptr) {
          continue;
        }
        return CaInvalid(absl::StrCat(
            ToText(mine.subject()),
            " is also the name of the CA in use, and no subjectKeyIdentifier "
            "tells the two apart: give it another name or the identifier"));
      }
    }
    return absl::OkStatus();
  }

  absl::Status MakeBundles() {
    std::vector<Certificate> first = trial_.authority.chain();
    std::vector<Certificate> last = trial_.beside;
    ASSIGN_OR_RETURN(TrustBundle alone, TrustBundle::From(first));
    bundles_.push_back(std::move(alone));
    if (last.empty()) return absl::OkStatus();
    first.insert(first.end(), trial_.beside.begin(), trial_.beside.end());
    last.insert(last.end(), trial_.authority.chain().begin(),
                trial_.authority.chain().end());
    for (const auto* order : {&first, &last}) {
      ASSIGN_OR_RETURN(TrustBundle bundle, TrustBundle::From(*order));
      bundles_.push_back(std::move(bundle));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Certificate> Issue(OvnService service,
                                    const MemberFacts& member) {
    ASSIGN_OR_RETURN(const Profile profile, OvnServiceProfile(service, member));
    return trial_.authority.Issue(profile, key_.public_key(), trial_.now,
                                  random_);
  }

  absl::Status TryLeaf(OvnService service, const MemberFacts& member) {
    ASSIGN_OR_RETURN(const Certificate leaf, Issue(service, member));
    for (const TrustBundle& bundle : bundles_) {
      for (const Purpose purpose : {Purpose::kTlsServer, Purpose::kTlsClient}) {
        const absl::Status verified =
            VerifyChain(bundle, {leaf, {}, purpose, trial_.now, ""});
        if (!verified.ok()) {
          return Unfit(absl::StrCat(
              "what it issues for ", OvnServiceName(service), " of ",
              member.name.text(), " would not be good: ", verified.message()));
        }
      }
    }
    return absl::OkStatus();
  }

  absl::Status TryHandshakes() {
    ASSIGN_OR_RETURN(const Certificate server,
                     Issue(OvnService::kOvnSb, trial_.members.front()));
    ASSIGN_OR_RETURN(const Certificate client,
                     Issue(OvnService::kOvnController, trial_.members.back()));
    for (const TrustBundle& bundle : bundles_) {
      for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
        const absl::Status shaken =
            TryTls({bundle, server, key_}, {bundle, client, key_}, version,
                   trial_.now);
        if (!shaken.ok()) {
          return Unfit(absl::StrCat("OVN's daemons could not connect: ",
                                    shaken.message()));
        }
      }
    }
    return absl::OkStatus();
  }

  const AuthorityTrial& trial_;
  const PrivateKey key_;
  RandomSource& random_;
  std::vector<TrustBundle> bundles_;
};

}  // namespace

absl::Status TryAuthority(const AuthorityTrial& trial, RandomSource& random) {
  ASSIGN_OR_RETURN(PrivateKey key, PrivateKey::Generate());
  return Trial(trial, std::move(key), random).Run();
}

}  // namespace microovn::pki
