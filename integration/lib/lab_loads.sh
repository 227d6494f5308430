# SPDX-License-Identifier: Apache-2.0
# What goes on in a lab while something is done to it: pings between workloads,
# and a writer that knows what was acknowledged.  Needs lab_nodes.sh and
# lab_ports.sh; the caller calls end_loads in its cleanup.
# shellcheck shell=bash

load_pids=()
writing=

# One echo each tenth of a second between the workloads of two nodes.
ping_between() { # FROM TO FILE
	ip netns exec "movn-$LAB_ID-port${1#node}" \
		ping -n -i 0.1 -W 1 "10.98.2.$((10 + ${2#node}))" >"$3" 2>&1 &
	load_pids+=($!)
}
has_pinged() { (($(grep -c 'bytes from' "$1") >= $2)); } # FILE COUNT
# "SENT LOST", of one that has ended.  The last one that was sent does not count:
# its answer may have been on its way.
ping_result() { # FILE
	awk '/bytes from/ && match($0, /icmp_seq=[0-9]+/) {
			seen[substr($0, RSTART + 9, RLENGTH - 9) + 0] = 1
		}
		/packets transmitted/ { sent = $1 - 1 }
		END {
			for (i = 1; i <= sent; i++) lost += !(i in seen)
			print sent + 0, lost + 0
		}' "$1"
}

# A row of the Northbound database after the other, with a line "ok TIME ROW"
# or "refused TIME ROW" for each; of a row that was refused nothing is known.
# ovn-nbctl gives up at once when no server leads the database.
write_all_the_time() { # NODE FILE
	local i=0 name run=${2##*/}
	run=${run//[^a-zA-Z0-9]/_}
	: >"$2"
	while :; do
		i=$((i + 1))
		name=w_${run}_$i
		if on "$1" microovn.ovn-nbctl --timeout=15 create Address_Set \
			"name=$name" >/dev/null 2>>"$2.errors"; then
			echo "ok ${EPOCHREALTIME/./} $name"
		else
			echo "refused ${EPOCHREALTIME/./} $name"
		fi
	done >>"$2" &
	writing=$!
}
# The longest time without an accepted write, in milliseconds.
longest_gap() { # FILE
	awk '$1 == "ok" { if (last && $2 - last > gap) gap = $2 - last; last = $2 }
		END { print int(gap / 1000) }' "$1"
}
written() { grep -c "^$1 " "$2" || true; } # ok|refused FILE
# Rows that were acknowledged and are not there, one each line.
lost_writes() { # NODE FILE...
	comm -23 <(awk '$1 == "ok" { print $3 }' "${@:2}" | sort) \
		<(on "$1" microovn.ovn-nbctl --timeout=30 --bare --no-headings \
			--columns=name list Address_Set | grep -v '^$' | sort)
}

end_loads() {
	# ping says how many came back.
	((${#load_pids[@]} == 0)) || kill -INT "${load_pids[@]}" 2>/dev/null || true
	[[ -z $writing ]] || kill "$writing" 2>/dev/null || true
	wait "${load_pids[@]}" ${writing:+"$writing"} 2>/dev/null || true
	load_pids=()
	writing=
}
