// SPDX-License-Identifier: Apache-2.0
// The options that `config list` names when there is no agent to ask. The
// agent's table decides what is valid; an integration case compares the two.
#ifndef MICROOVN_CTL_COMMANDS_CONFIG_KEYS_H_
#define MICROOVN_CTL_COMMANDS_CONFIG_KEYS_H_

namespace microovn::ctl {

struct ConfigKey {
  const char* key;
  const char* default_value;
  const char* allowed;
  const char* description;
};

// By key.
inline constexpr ConfigKey kConfigKeys[] = {
    {"cluster.administration", "members", "members, voters or certificates",
     "Who administers the cluster: root on any member, on voters only, or "
     "people with certificates only; root on a worker never does"},
    {"cluster.certificate-lifetime", "2592000",
     "a whole number from 60 to 31536000",
     "Seconds that the agents' own certificates are valid from their next "
     "renewal on, which is at half of that"},
    {"cluster.upgrade", "automatic", "automatic or hold",
     "Whether databases are converted and features switched on once all "
     "members can; on hold, an upgrade can be taken back"},
    {"cluster.upgrade-slot", "", "a member's name",
     "Member that may be away for its upgrade, alone; taken by microovn "
     "upgrade begin"},
    {"cluster.voter-timeout", "20", "a whole number from 5 to 3600",
     "Seconds after which a stand-by takes the place of a silent voter"},
    {"cluster.voters", "3", "3 or 5",
     "How many members vote in the replicated log, when there are as many"},
    {"ovn.central-count", "3", "1, 3 or 5",
     "How many members get central by default when they join"},
    {"ovn.central-ips", "",
     "up to 16 different IPv4 or IPv6 addresses without brackets or spaces, "
     "separated by commas",
     "Addresses of an OVN central outside this cluster, for all members"},
    {"ovn.certificate-lifetime", "63072000",
     "a whole number from 60 to 315360000",
     "Seconds that certificates of OVN's services are valid from their next "
     "issue on"},
    {"ovn.election-timer", "1000", "a whole number from 1000 to 60000",
     "Milliseconds after which OVN's databases replace a leader that is "
     "silent"},
    {"ovn.encapsulation", "geneve", "geneve, vxlan or geneve,vxlan",
     "Protocol of the tunnels between chassis; of two, OVN prefers Geneve"},
    {"ovn.log-level", "info", "off, emer, err, warn, info or dbg",
     "Least severe messages that OVN's and Open vSwitch's daemons log"},
    {"ovn.probe-interval", "", "0, or a whole number from 1000 to 3600000",
     "Milliseconds of silence after which OVN's databases and daemons ask "
     "whether the other end is there, 0 for never; not set, OVN's own values "
     "or those set by hand hold"},
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_CONFIG_KEYS_H_
