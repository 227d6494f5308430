// SPDX-License-Identifier: Apache-2.0
// What makes this node a member, in its state directory: identity, keys and
// certificates of the cluster plane, and the log's directory.
//
// Written at bootstrap or join, never at first start, so that an image that
// was started once can be cloned. The identity file is written last and
// removed first: while it is not there, the rest does not count.
// Thread-compatible.
#ifndef MICROOVN_AGENT_IDENTITY_IDENTITY_STORE_H_
#define MICROOVN_AGENT_IDENTITY_IDENTITY_STORE_H_

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "base/crypto/secret_string.h"
#include "base/text/host_port.h"
#include "microovn/internal/node/v1/node.pb.h"

namespace microovn::agent {

struct ClusterCredentials {
  std::string certificate_pem;
  SecretString key_pem;
  std::string cluster_ca_pem;
};

class IdentityStore {
 public:
  // `directory` is ROOT/state and exists.
  explicit IdentityStore(std::string directory)
      : directory_(std::move(directory)) {}

  // Nothing when this node is no member. DATA_LOSS, reason IDENTITY_DAMAGED,
  // when the file is there and cannot be read, or a name or an address in it
  // is none; PRIVATE_FILE_REFUSED when others could have written or read it, or
  // any of what lies beside it (state_files.h), or write to the directory.
  // Never "no member" for what cannot be read: the node would then take another
  // cluster's invitation while its log holds this one's entries.
  absl::StatusOr<std::optional<internal::node::v1::NodeIdentity>> Load() const;
  absl::Status Save(const internal::node::v1::NodeIdentity& identity) const;

  absl::StatusOr<ClusterCredentials> LoadCredentials() const;
  // Replaces key and certificates together: after a crash the old set is there
  // or the new one.
  absl::Status SaveCredentials(const ClusterCredentials& credentials) const;

  // The bootstrap command, until it is in the log.
  // NOT_FOUND once it is: then the log tells what was founded.
  absl::Status SaveFounding(absl::string_view command) const;
  absl::StatusOr<std::string> LoadFounding() const;
  absl::Status ClearFounding() const;

  // Forgets the membership: identity, keys, log. Other files stay.
  // May be repeated after a crash at any point. There is no way back: whether
  // the cluster still counts on this node is for the caller to know.
  // What is no key moves to state/ in `backup`, a directory beside this one,
  // unless that is empty. The keys go in any case: the log has those of the CAs
  // as ciphertext, and the sealing key opens them.
  absl::Status Erase(absl::string_view backup = "") const;
  // At a start: the rest of an Erase that was cut off after this node was no
  // member any more.
  absl::Status FinishErasing() const;

  // What this node was called in the cluster that has removed it, until it is a
  // member again: a person who finds it empty wants to know why. Empty if it
  // was not removed.
  absl::Status NoteRemoval(absl::string_view name) const;
  std::string RemovedAs() const;

  std::string sealing_key_directory() const;
  std::string log_directory() const;

 private:
  // Finishes a SaveCredentials that was cut off.
  absl::Status CompleteRenewal() const;
  std::string Path(absl::string_view name) const;
  // Where Erase moves to, also after a crash; empty: nowhere.
  absl::StatusOr<std::string> KeptIn(absl::string_view backup) const;
  // To `kept`, or away.
  absl::Status Retire(absl::string_view name, const std::string& kept) const;

  const std::string directory_;
};

// Where this node's agent listens, and where a member's does that it joined by.
// Of an identity that Load has read or that was made of checked values: the one
// place that reads an identity's addresses again.
HostPort AddressOf(const internal::node::v1::NodeIdentity& identity);
HostPort AddressOf(const internal::node::v1::Seed& seed);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_IDENTITY_IDENTITY_STORE_H_
