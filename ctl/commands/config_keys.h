// The options that `config list` names when there is no agent to ask. The
// agent's table decides what is valid; an integration case compares the two.
#ifndef MICROOVN_CTL_COMMANDS_CONFIG_KEYS_H_
#define MICROOVN_CTL_COMMANDS_CONFIG_KEYS_H_

namespace microovn::ctl {

struct ConfigKey {
  const char* key;
  const char* description;
};

// By key.
inline constexpr ConfigKey kConfigKeys[] = {
    {"cluster.certificate-lifetime",
     "Seconds that the agents' own certificates are valid from their next "
     "renewal on, which is at half of that"},
    {"cluster.voter-timeout",
     "Seconds after which a stand-by takes the place of a silent voter"},
    {"cluster.voters",
     "How many members vote in the replicated log, when there are as many"},
    {"ovn.central-count",
     "How many members get central by default when they join"},
    {"ovn.central-ips",
     "Addresses of an OVN central outside this cluster, for all members"},
};

}  // namespace microovn::ctl

#endif  // MICROOVN_CTL_COMMANDS_CONFIG_KEYS_H_
