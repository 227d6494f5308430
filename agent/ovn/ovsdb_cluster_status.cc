// SPDX-License-Identifier: Apache-2.0
#include "agent/ovn/ovsdb_cluster_status.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "base/text/text.h"

namespace microovn::agent {
namespace {

// Of a name, an id, an address: what is longer is none.
constexpr size_t kLongestValue = 256;

absl::Status Malformed(absl::string_view line) {
  return absl::InvalidArgumentError(absl::StrCat(
      "cannot read the line \"", Shown(line, 120), "\" of cluster/status"));
}

OvsdbMembership MembershipOf(absl::string_view status) {
  if (status == "cluster member") return OvsdbMembership::kMember;
  if (status == "joining cluster") return OvsdbMembership::kJoining;
  if (status == "leaving cluster") return OvsdbMembership::kLeaving;
  if (status == "left cluster") return OvsdbMembership::kLeft;
  if (status == "failed") return OvsdbMembership::kFailed;
  if (absl::StartsWith(status, "disconnected from the cluster")) {
    return OvsdbMembership::kDisconnected;
  }
  return OvsdbMembership::kOther;
}

OvsdbRole RoleOf(absl::string_view role) {
  if (role == "leader") return OvsdbRole::kLeader;
  if (role == "follower") return OvsdbRole::kFollower;
  if (role == "candidate") return OvsdbRole::kCandidate;
  return OvsdbRole::kOther;
}

// "cc33 (cc330789-a3b4-4ed2-8282-23973489852c)" -> what is in parentheses.
std::string Parenthesized(absl::string_view value) {
  const size_t open = value.find('(');
  const size_t close = value.find(')', open);
  if (open == value.npos || close == value.npos) return "";
  return Shown(value.substr(open + 1, close - open - 1), kLongestValue);
}

// "->92c3", "(<-fca7)"
absl::StatusOr<OvsdbConnection> ParseConnection(absl::string_view word) {
  OvsdbConnection connection;
  connection.connected = !absl::ConsumePrefix(&word, "(");
  if (!connection.connected) absl::ConsumeSuffix(&word, ")");
  connection.outgoing = absl::ConsumePrefix(&word, "->");
  if (!connection.outgoing && !absl::ConsumePrefix(&word, "<-")) {
    return Malformed(word);
  }
  connection.peer = Shown(word, kLongestValue);
  return connection;
}

// "fca7 (fca7 at tcp:127.0.0.1:17643) (self) next_index=2 last msg 22 ms ago"
absl::StatusOr<OvsdbServer> ParseServer(absl::string_view line) {
  OvsdbServer server;
  const std::vector<absl::string_view> words =
      absl::StrSplit(line, ' ', absl::SkipEmpty());
  if (words.size() < 4 || words[2] != "at") return Malformed(line);
  server.id = Shown(words[0], kLongestValue);
  server.address = Shown(absl::StripSuffix(words[3], ")"), kLongestValue);
  for (size_t i = 4; i < words.size(); ++i) {
    absl::string_view word = words[i];
    uint64_t number = 0;
    if (word == "(self)") {
      server.self = true;
    } else if (absl::ConsumePrefix(&word, "next_index=")) {
      if (!absl::SimpleAtoi(word, &number)) return Malformed(line);
      server.next_index = number;
    } else if (absl::ConsumePrefix(&word, "match_index=")) {
      if (!absl::SimpleAtoi(word, &number)) return Malformed(line);
      server.match_index = number;
    } else if (word == "msg" && i + 1 < words.size()) {
      if (!absl::SimpleAtoi(words[i + 1], &number)) return Malformed(line);
      server.last_message = absl::Milliseconds(static_cast<int64_t>(number));
    }
  }
  return server;
}

class Parser {
 public:
  absl::StatusOr<OvsdbClusterStatus> Parse(absl::string_view text) {
    bool in_servers = false;
    for (absl::string_view raw : absl::StrSplit(text, '\n')) {
      const absl::string_view line = absl::StripAsciiWhitespace(raw);
      if (line.empty()) continue;
      if (line == "Servers:") {
        in_servers = true;
      } else if (in_servers && absl::StartsWith(raw, " ")) {
        absl::StatusOr<OvsdbServer> server = ParseServer(line);
        if (!server.ok()) return server.status();
        status_.servers.push_back(*std::move(server));
      } else if (!Line(line)) {
        return Malformed(line);
      }
    }
    return Finished();
  }

 private:
  // False when a line that is known cannot be read.
  bool Line(absl::string_view line) {
    const std::pair<absl::string_view, absl::string_view> pair =
        absl::StrSplit(line, absl::MaxSplits(':', 1));
    const absl::string_view key = pair.first;
    const absl::string_view value = absl::StripAsciiWhitespace(pair.second);
    return Identity(key, value) && Raft(key, value) && Log(key, value);
  }

  bool Identity(absl::string_view key, absl::string_view value) {
    if (key == "Name") {
      status_.database = Shown(value, kLongestValue);
    } else if (key == "Cluster ID") {
      status_.cluster_id = Parenthesized(value);
    } else if (key == "Server ID") {
      status_.server_id = Parenthesized(value);
      status_.short_id = Shown(value.substr(0, value.find(' ')), kLongestValue);
    } else if (key == "Address") {
      status_.address = Shown(value, kLongestValue);
    } else if (key == "Status") {
      status_.status = Shown(value, kLongestValue);
      status_.membership = MembershipOf(value);
    } else if (key == "Remotes for joining") {
      status_.joining_remotes = absl::StrSplit(value, ' ', absl::SkipEmpty());
    }
    return true;
  }

  bool Raft(absl::string_view key, absl::string_view value) {
    if (key == "Role") {
      status_.role = RoleOf(value);
      saw_role_ = true;
    } else if (key == "Term") {
      saw_term_ = absl::SimpleAtoi(value, &status_.term);
      return saw_term_;
    } else if (key == "Leader") {
      status_.leader = Shown(value, kLongestValue);
    } else if (key == "Vote") {
      status_.vote = Shown(value, kLongestValue);
    } else if (key == "Election timer") {
      // "1000" or "1000 (changing to 2000)"
      int64_t milliseconds = 0;
      if (!absl::SimpleAtoi(value.substr(0, value.find(' ')), &milliseconds)) {
        return false;
      }
      status_.election_timer = absl::Milliseconds(milliseconds);
    }
    return true;
  }

  bool Log(absl::string_view key, absl::string_view value) {
    if (key == "Log") return LogRange(value);
    if (key == "Entries not yet committed") {
      return absl::SimpleAtoi(value, &status_.not_committed);
    }
    if (key == "Entries not yet applied") {
      return absl::SimpleAtoi(value, &status_.not_applied);
    }
    if (key == "Disconnections") {
      return absl::SimpleAtoi(value, &status_.disconnections);
    }
    if (key == "Connections") return Connections(value);
    return true;
  }

  // "[2, 16]"
  bool LogRange(absl::string_view value) {
    if (!absl::ConsumePrefix(&value, "[") ||
        !absl::ConsumeSuffix(&value, "]")) {
      return false;
    }
    const std::vector<absl::string_view> ends = absl::StrSplit(value, ", ");
    return ends.size() == 2 && absl::SimpleAtoi(ends[0], &status_.log_first) &&
           absl::SimpleAtoi(ends[1], &status_.log_end);
  }

  bool Connections(absl::string_view value) {
    for (absl::string_view word :
         absl::StrSplit(value, ' ', absl::SkipEmpty())) {
      absl::StatusOr<OvsdbConnection> connection = ParseConnection(word);
      if (!connection.ok()) return false;
      status_.connections.push_back(*std::move(connection));
    }
    return true;
  }

  absl::StatusOr<OvsdbClusterStatus> Finished() {
    if (status_.database.empty() || status_.server_id.empty() ||
        status_.status.empty() || !saw_role_ || !saw_term_) {
      return absl::InvalidArgumentError(
          "cluster/status lacks its name, server id, status, role or term");
    }
    for (std::string* id : {&status_.leader, &status_.vote}) {
      if (*id == "self") *id = status_.short_id;
      if (*id == "unknown") id->clear();
    }
    return std::move(status_);
  }

  OvsdbClusterStatus status_;
  bool saw_role_ = false;
  bool saw_term_ = false;
};

}  // namespace

absl::StatusOr<OvsdbClusterStatus> ParseOvsdbClusterStatus(
    absl::string_view text) {
  return Parser().Parse(text);
}

std::string HostOfOvsdbAddress(absl::string_view address) {
  const size_t scheme = address.find(':');
  const size_t port = address.rfind(':');
  if (scheme == address.npos || port == scheme) return "";
  absl::string_view host = address.substr(scheme + 1, port - scheme - 1);
  if (absl::ConsumePrefix(&host, "[") && !absl::ConsumeSuffix(&host, "]")) {
    return "";
  }
  return std::string(host);
}

}  // namespace microovn::agent
