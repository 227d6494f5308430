// SPDX-License-Identifier: Apache-2.0
// Publishes the certificates of a node's OVN daemons so that they reload them
// without harm.
//
// In the directory (data/pki): generations/N/ holds one complete, validated
// set; `current` is a symbolic link to it; the documented names (cacert.pem,
// ovnnb-cert.pem, ...) are links through `current`. One rename of `current`
// changes key, certificate and CA of every daemon together. OVS reloads only
// when the times of both key and certificate change, so each generation has
// its own second.
#ifndef MICROOVN_PKI_PUBLISHING_GENERATION_PUBLISHER_H_
#define MICROOVN_PKI_PUBLISHING_GENERATION_PUBLISHER_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "base/time/clock.h"
#include "pki/publishing/certificate_set.h"

namespace microovn::pki {

// Movable, thread-compatible. One per directory, owned by the certificate
// reconciler.
class GenerationPublisher {
 public:
  struct Options {
    // Its parent exists. It is made with mode 0700 when it is missing, and
    // refused when it is a link or somebody else's.
    std::string directory;
    // Called after every step that shows on disk; a crash test ends the
    // process in it.
    std::function<void(absl::string_view step)> after_step;
  };

  // Removes what an interrupted publication left behind and completes its
  // links: afterwards the old set is there or the new one. `clock` outlives
  // this object.
  static absl::StatusOr<GenerationPublisher> Open(Options options,
                                                  const Clock& clock);

  // Makes `set` the current one; names of services that are not in it
  // disappear. Returns the generation's number. CERTIFICATE_SET_INVALID when
  // the set would not work, PUBLISH_TOO_SOON within a second of the last one:
  // OVS could read the certificate of one and the key of the next.
  // Once `current` is renamed the set is published, even if an error is
  // returned after that: the caller repeats RestoreNames, or Open does it.
  absl::StatusOr<uint64_t> Publish(const CertificateSet& set);

  // What is published, with its keys; NOT_FOUND before the first time.
  // From disk, so that what daemons read is what is judged.
  absl::StatusOr<CertificateSet> Load() const;

  // Makes the documented names those of the published set again, after another
  // program may have touched them.
  absl::Status RestoreNames() const;

  // Removes every certificate and key, as when a node leaves its cluster.
  absl::Status Erase();

  // Zero before the first time.
  uint64_t generation() const { return current_; }

 private:
  GenerationPublisher(Options options, const Clock& clock)
      : options_(std::move(options)), clock_(&clock) {}

  absl::Status ReadCurrent();
  absl::Status CleanUp();
  absl::Status RemoveTemporaries();
  absl::Status RemoveGenerationsExcept(uint64_t keep, uint64_t also_keep);
  // The second for the next generation's files.
  absl::StatusOr<absl::Time> NextStamp() const;
  absl::Status Stage(const CertificateSet& set, uint64_t number,
                     absl::Time stamp) const;
  absl::Status WriteFiles(const CertificateSet& set,
                          const std::string& directory, absl::Time stamp) const;
  absl::Status Switch(uint64_t number, absl::Time stamp);
  // Makes the documented names those of the current generation.
  absl::Status UpdateLinks() const;
  absl::Status CheckNames() const;

  std::string PathOf(absl::string_view name) const;
  std::string GenerationPath(uint64_t number) const;
  void Step(absl::string_view step) const;

  Options options_;
  const Clock* clock_;
  // Numbers only grow, but for Erase; the current and the one before are kept,
  // because a daemon may be between opening two files of the older.
  uint64_t current_ = 0;
  // Of the files of the current generation.
  std::optional<absl::Time> stamp_;
  // When this object last published, on clock_->Monotonic().
  std::optional<absl::Duration> published_at_;
};

}  // namespace microovn::pki

#endif  // MICROOVN_PKI_PUBLISHING_GENERATION_PUBLISHER_H_
