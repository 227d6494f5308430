// SPDX-License-Identifier: Apache-2.0
// One of OVN's two clustered databases on this node: its file, its server and
// that server's part in the cluster.
//
// Everything goes through the node's own sockets and files, with a deadline on
// each command. Used by the database reconciler (one thread) and by status.
// Thread-safe as far as the command runner is.
#ifndef MICROOVN_AGENT_OVN_CENTRAL_H_
#define MICROOVN_AGENT_OVN_CENTRAL_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "agent/ovn/ovs_sockets.h"
#include "agent/ovn/ovsdb_cluster_status.h"
#include "base/file/free_space.h"
#include "base/process/command_runner.h"

namespace microovn::agent {

// What tells the northbound database from the southbound one.
struct DatabaseKind {
  // "nb": as in the replicated state, in file names and in ovn-nbctl.
  absl::string_view name;
  absl::string_view schema_name;
  absl::string_view schema_file;
  int client_port;
  int raft_port;
};

const DatabaseKind& Northbound();
const DatabaseKind& Southbound();

struct CentralDatabaseOptions {
  DatabaseKind kind = Northbound();
  // data/central/db/ovnnb_db.db
  std::string file;
  // run/ovn/ovnnb_db.sock, run/ovn/ovnnb_db.ctl
  std::string socket;
  std::string control;
  // Where the installed schema files are.
  std::string schema_directory = "/usr/share/ovn";
  // Losing a leader costs a second or two of writes with OVN's own default.
  absl::Duration election_timer = absl::Seconds(1);
  // Of raft addresses and of the listener: "ssl" in production.
  std::string transport = "ssl";
  OvsSockets sockets;
  // Of the file system that a path is on.
  std::function<absl::StatusOr<FreeSpace>(const std::string& path)> space =
      FreeSpaceAt;
};

// What a database file says when no server has it open.
struct DatabaseFile {
  std::string server_id;
  // Empty as long as the server has not been admitted.
  std::string cluster_id;
  std::string local_address;
  // It has left its cluster, or was put out: no server starts on it again.
  bool left = false;
};

// Copyable: it holds names only.
class CentralDatabase {
 public:
  // `runner` outlives the object.
  CentralDatabase(CentralDatabaseOptions options, CommandRunner* runner);

  const DatabaseKind& kind() const { return options_.kind; }

  bool FileExists() const;
  // DATA_LOSS when it is no database, or one that no server starts on.
  absl::StatusOr<DatabaseFile> InspectFile() const;
  // 0 when there is no file.
  uint64_t FileBytes() const;
  // Of the file system with the file, which exists.
  absl::StatusOr<FreeSpace> Space() const {
    return options_.space(options_.file);
  }

  // The file of a new cluster, or of a server that will ask `remotes` (IP
  // addresses) for admission. ALREADY_EXISTS when the file is there. Made
  // beside its place and renamed, so that a power cut leaves all or nothing.
  absl::Status CreateCluster(absl::string_view local_ip) const;
  absl::Status JoinCluster(absl::string_view local_ip,
                           const std::vector<std::string>& remotes) const;
  // A new cluster of one server with all that the file of an old one holds, in
  // its place. The old file is kept as by MoveAside; returns where. The server
  // must have stopped. A power cut leaves the one or the other in its place.
  absl::StatusOr<std::string> RecoverCluster(absl::string_view local_ip,
                                             absl::CivilSecond now) const;
  // Renames the file to ovnnb_db_backup_YYYY-MM-DD HH:MM:SS.db beside it and
  // returns the new path. The server must have stopped.
  absl::StatusOr<std::string> MoveAside(absl::CivilSecond now) const;
  // Removes the file of a server that was never admitted.
  absl::Status DiscardFile() const;

  // UNAVAILABLE when no server answers; NOT_FOUND when one does but has the
  // database no more, because it left or was kicked.
  absl::StatusOr<OvsdbClusterStatus> Status() const;
  // Asks the cluster to let this server go; Status() tells when it has.
  absl::Status Leave() const;
  // Puts another server out of the cluster. OK when it is out already.
  absl::Status Kick(absl::string_view server_id) const;

  // Asks the leader, which this server has to be, for another election timer:
  // at most twice the one in use. Status() tells when it is in use. UNAVAILABLE
  // with the server's words when it does not take it, as while another change
  // is under way.
  absl::Status ChangeElectionTimer(absl::Duration timer) const;

  // Ends the connections of all clients, which come back if they can: a server
  // judges a certificate when it is shown, and never again.
  absl::Status EndSessions() const;

  // Has the server write its file anew, from what it has in its memory.
  absl::Status Compact() const;

  // Adds the listener for clients ("pssl:6641:[::]") unless a row for it is
  // there, so that what an operator has set on the row stays.
  absl::Status EnsureListener() const;
  // Whether that row is there; asked over the socket, which costs little.
  absl::StatusOr<bool> HasListener() const;

  // Brings the setting ovn.probe-interval (probe_interval.h) to the listener's
  // row and, in the northbound database, to ovn-northd. True when something
  // was written. UNAVAILABLE while there is no row to write to.
  absl::StatusOr<bool> FollowProbeInterval(absl::string_view interval) const;

  // Of the installed schema file.
  absl::StatusOr<std::string> ExpectedSchema() const;
  // The one in use, which may be another; asked over the socket.
  absl::StatusOr<std::string> LiveSchema() const;
  // Brings the database to the installed schema, on all its servers. Takes up
  // to a minute. Servers of OVS before 3.2 end on what a newer one converts
  // (docs/adr/0029).
  absl::Status ConvertSchema() const;

 private:
  std::string SchemaFile() const;
  std::string RaftAddress(absl::string_view ip) const;
  std::string Listener() const;
  absl::Status MakeFile(std::vector<std::string> argv) const;
  // Where the file is kept from `now` on: a name that is free.
  std::string BackupPath(absl::CivilSecond now) const;
  // FAILED_PRECONDITION with the server's words when it refuses, otherwise as
  // Status().
  absl::StatusOr<std::string> Ask(
      const std::string& command,
      const std::vector<std::string>& arguments = {}) const;
  absl::StatusOr<std::string> RunTool(
      const std::vector<std::string>& words) const;
  absl::StatusOr<std::string> RunCtl(
      const std::vector<std::string>& words) const;

  CentralDatabaseOptions options_;
  CommandRunner* runner_;
};

// "ovnnb_db_backup_2026-11-23 05:06:07.db"
std::string BackupFileName(const DatabaseKind& kind, absl::CivilSecond when);

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_OVN_CENTRAL_H_
