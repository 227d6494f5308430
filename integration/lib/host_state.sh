# SPDX-License-Identifier: Apache-2.0
# What of a lab node an installation could leave behind.  Needs lab_nodes.sh
# and case.sh.
# shellcheck shell=bash

# Logs, and what hosts of one kind differ in.
readonly HOST_DIFFERS='^(/var/log|/var/cache|/var/lib/apt|/var/lib/dpkg|/tmp|/var/tmp|/root|/proc|/sys|/dev|/run|/etc/(hostname|hosts|machine-id|ld\.so\.cache)|/var/lib/systemd/(random-seed|timers|catalog))(/|$| )'

# One line for each thing: files with owner, mode and target; packages' scripts
# and states; users, groups, units, interfaces, namespaces, rules, processes.
host_state() { # NODE
	# shellcheck disable=SC2016
	on "$1" sh -c '
		find / -xdev -printf "%p %y %m %u %g %l\n" 2>/dev/null
		dpkg-query -Wf "package \${Package} \${db:Status-Status}\n"
		ls /var/lib/dpkg/info | sed "s/^/info /"
		getent passwd | sed "s/^/user /"
		getent group | sed "s/^/group /"
		ls /var/lib/systemd/timers 2>/dev/null | sed "s/^/stamp /" | grep microovn
		find /run -name "*microovn*" | sed "s/^/runtime /"
		systemctl list-units --all --plain --no-legend "microovn*" |
			sed "s/^/unit /"
		systemctl list-unit-files --no-legend "microovn*" | sed "s/^/unit-file /"
		# The lab plugs in a workload of that name.
		ip -o link | cut -d: -f2 | sed "s/@.*//; s/vif-node.*/vif/; s/^/link /"
		ip netns list | sed "s/^/netns /"
		ip rule list | sed "s/^/rule /"
		ip -6 rule list | sed "s/^/rule6 /"
		ps -eo comm= | grep -E "^(ov[sn]|microovn)" | sed "s/^/process /"
	' | grep -vE "$HOST_DIFFERS" | sort -u
}

# That the second node has nothing that the first one has not, nor lacks
# anything.
expect_same_host() { # REFERENCE NODE
	expect_equal "" "$(diff <(host_state "$1") <(host_state "$2") |
		grep '^[<>]' | head -n 40)" "$2 beside $1"
}
