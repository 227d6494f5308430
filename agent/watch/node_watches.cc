// SPDX-License-Identifier: Apache-2.0
#include "agent/watch/node_watches.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "agent/watch/address_source.h"
#include "agent/watch/database_source.h"
#include "agent/watch/file_source.h"
#include "base/file/file.h"

namespace microovn::agent {
namespace {

FileSource::Directories FilesOf(const supervisor::Paths& paths) {
  return [paths] {
    const std::string environment = paths.environment_file();
    std::vector<std::string> directories = {
        environment.substr(0, environment.rfind('/')), paths.pki()};
    // Where the documented names lead to, from the first set on.
    const std::string current = JoinPath(paths.pki(), "current");
    if (FileExists(current)) directories.push_back(current);
    return directories;
  };
}

}  // namespace

NodeWatches::NodeWatches(const supervisor::Paths& paths, const Clock* clock,
                         std::function<void()> changed)
    : thread_(std::move(changed)),
      files_(thread_.Add(std::make_unique<FileSource>(FilesOf(paths)))),
      switch_(thread_.Add(std::make_unique<DatabaseSource>(
          SwitchSource(paths.switch_socket())))),
      nb_(thread_.Add(
          std::make_unique<DatabaseSource>(ClusterSource(paths.nb_socket())))),
      sb_(thread_.Add(
          std::make_unique<DatabaseSource>(ClusterSource(paths.sb_socket())))),
      nb_listeners_(thread_.Add(std::make_unique<DatabaseSource>(
          ListenerSource(paths.nb_socket(), "OVN_Northbound")))),
      sb_listeners_(thread_.Add(std::make_unique<DatabaseSource>(
          ListenerSource(paths.sb_socket(), "OVN_Southbound")))),
      addresses_(thread_.Add(std::make_unique<AddressSource>())),
      files_read_(files_, clock),
      switch_read_(switch_, clock),
      nb_read_(nb_, clock),
      sb_read_(sb_, clock) {}

void NodeWatches::StateChanged() {
  nb_read_.Forget();
  sb_read_.Forget();
}

// Its transactions only read; what is written goes through ovs-vsctl.
OvsSockets NodeWatches::switch_sockets(OvsSockets sockets) {
  sockets.transact = [this, transact = sockets.transact](
                         const std::string& socket, const std::string& params,
                         absl::Duration timeout) {
    return switch_read_.Get(absl::StrCat(socket, " ", params),
                            [&] { return transact(socket, params, timeout); });
  };
  return sockets;
}

OvsSockets NodeWatches::nb_sockets(OvsSockets sockets) {
  return Through(&nb_read_, std::move(sockets));
}

OvsSockets NodeWatches::sb_sockets(OvsSockets sockets) {
  return Through(&sb_read_, std::move(sockets));
}

}  // namespace microovn::agent
