// SPDX-License-Identifier: Apache-2.0
// Tells of changes in an OVSDB database, by `monitor` on one long connection
// (RFC 7047, 4.1.5). What has changed is not kept: whoever cares reads it.
#ifndef MICROOVN_AGENT_WATCH_DATABASE_SOURCE_H_
#define MICROOVN_AGENT_WATCH_DATABASE_SOURCE_H_

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/time.h"
#include "agent/watch/message_splitter.h"
#include "agent/watch/watch_source.h"
#include "base/file/unique_fd.h"

namespace microovn::agent {

class DatabaseSource final : public WatchSource {
 public:
  struct Options {
    // Of the server.
    std::string socket;
    std::string database;
    // Table to columns.
    std::map<std::string, std::vector<std::string>> columns;
    absl::Duration timeout = absl::Seconds(1);
  };

  explicit DatabaseSource(Options options) : options_(std::move(options)) {}

  absl::Status Open() override;
  void Close() override;
  int fd() const override { return fd_.get(); }
  absl::StatusOr<bool> Read() override;

 private:
  // What a message is to this connection.
  enum class Kind { kAccepted, kChange, kOther };

  std::string Request() const;
  absl::Status Send(absl::string_view message);
  absl::StatusOr<Kind> Understand(const std::string& message);
  // Everything that has come, without waiting.
  absl::StatusOr<std::vector<Kind>> Receive();

  const Options options_;
  UniqueFd fd_;
  MessageSplitter splitter_;
};

// The node's switch: its settings, bridges and ports.
DatabaseSource::Options SwitchSource(std::string socket);
// What a server says of its part in a clustered database.
DatabaseSource::Options ClusterSource(std::string socket);

// By which rows the servers of one of OVN's databases listen.
DatabaseSource::Options ListenerSource(std::string socket,
                                       std::string database);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_DATABASE_SOURCE_H_
