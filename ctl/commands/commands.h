// SPDX-License-Identifier: Apache-2.0
// The commands of the tree, by topic. Each function returns data; what runs is
// in Command::run.
#ifndef MICROOVN_CTL_COMMANDS_COMMANDS_H_
#define MICROOVN_CTL_COMMANDS_COMMANDS_H_

#include <string>
#include <vector>

#include "ctl/cli/command.h"
#include "ctl/client/session.h"

namespace microovn::ctl {

Command InitCommand();
Command StatusCommand();
Command ClusterCommand();
// Below "cluster".
Command ClusterLogCommand();
Command ClusterRecoverCommand();
Command ClusterSqlCommand();
Command SetEncapIpCommand();
Command TokenCommand();
Command TransferLeaderCommand();
Command UserCommand();
Command EnableCommand();
Command DisableCommand();
Command CertificatesCommand();
Command ConfigCommand();
Command OperationCommand();
Command OvnCommand();
Command UpgradeCommand();
Command EventsCommand();
Command ExplainCommand();
Command WaitReadyCommand();
Command VersionCommand();
// nbctl, ovn-nbctl and so on.
std::vector<Command> ToolCommands();

// The three lines of `--version`.
std::string VersionText(Session& session);

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_COMMANDS_H_
