// SPDX-License-Identifier: Apache-2.0
// What this node's reconcilers listen to: its databases, files and addresses;
// and reading what they tell of, from memory while nothing is told.
#ifndef MICROOVN_AGENT_WATCH_NODE_WATCHES_H_
#define MICROOVN_AGENT_WATCH_NODE_WATCHES_H_

#include <functional>

#include "agent/ovn/ovs_sockets.h"
#include "agent/watch/cached_reads.h"
#include "agent/watch/change_watch.h"
#include "agent/watch/cluster_status_reads.h"
#include "agent/watch/watch_thread.h"
#include "base/time/clock.h"
#include "supervisor/service/paths.h"

namespace microovn::agent {

// Thread-safe. The pointers and sockets it gives away are good as long as it
// lives.
class NodeWatches {
 public:
  // `clock` outlives it. `changed` runs on a thread of its own.
  NodeWatches(const supervisor::Paths& paths, const Clock* clock,
              std::function<void()> changed);

  void Start() { thread_.Start(); }
  // `changed` does not run any more when it returns.
  void Stop() { thread_.Stop(); }

  // Servers of OVN's databases may have come or gone.
  void StateChanged();

  // Of the certificates and of ovn.env.
  ChangeWatch* files() const { return files_; }
  ChangeWatch* switch_database() const { return switch_; }
  ChangeWatch* nb() const { return nb_; }
  ChangeWatch* sb() const { return sb_; }
  // Of the rows by which their servers listen.
  ChangeWatch* nb_listeners() const { return nb_listeners_; }
  ChangeWatch* sb_listeners() const { return sb_listeners_; }
  ChangeWatch* addresses() const { return addresses_; }

  CachedReads* files_read() { return &files_read_; }
  // `sockets`, asked only where there is no answer in memory.
  OvsSockets switch_sockets(OvsSockets sockets = OvsSockets());
  OvsSockets nb_sockets(OvsSockets sockets = OvsSockets());
  OvsSockets sb_sockets(OvsSockets sockets = OvsSockets());

 private:
  WatchThread thread_;
  ChangeWatch* const files_;
  ChangeWatch* const switch_;
  ChangeWatch* const nb_;
  ChangeWatch* const sb_;
  ChangeWatch* const nb_listeners_;
  ChangeWatch* const sb_listeners_;
  ChangeWatch* const addresses_;
  CachedReads files_read_;
  CachedReads switch_read_;
  ClusterStatusReads nb_read_;
  ClusterStatusReads sb_read_;
};

}  // namespace microovn::agent

#endif  // MICROOVN_AGENT_WATCH_NODE_WATCHES_H_
