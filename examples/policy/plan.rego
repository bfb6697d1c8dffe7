# What your pipelines may do without a person, as a policy for conftest or OPA over a saved plan:
#   reconcile plan -o plan.json
#   conftest test --policy examples/policy plan.json
# `reconcile schema plan` says what a plan contains. What this file reads does not change within a formatVersion.
package main

import future.keywords.contains
import future.keywords.if
import future.keywords.in

most_moves := 500

most_restarts := 4

# Settings that only a person changes, on any host.
protected := {"service.http.port", "local.hostname", "davcore.scheduling.localuserattr"}

# Every change with its target: a host, or directory.
changes contains {"target": step.target, "change": change} if {
	some step in input.steps
	some change in step.changes
}

deny contains msg if {
	input.formatVersion != 2
	msg := sprintf("This policy is written for plans of format 2, and the plan has format %v.", [input.formatVersion])
}

deny contains "Not everything could be read." if count(input.unread) > 0

deny contains "The plan was not made from committed files." if not input.clean

deny contains msg if {
	moves := {one | some one in changes; one.change.moves == "cs6->cs7"}
	count(moves) > most_moves
	msg := sprintf("%d accounts move to Calendar Server 7. Without a person at most %d do.", [count(moves), most_moves])
}

deny contains msg if {
	hosts := {one.target | some one in changes; one.change.action == "restart"}
	count(hosts) > most_restarts
	msg := sprintf("%d hosts are restarted. Without a person at most %d are.", [count(hosts), most_restarts])
}

deny contains msg if {
	some one in changes
	one.change.irreversible
	msg := sprintf("%s: %s of %s cannot be undone.", [one.target, one.change.key, one.change.item])
}

deny contains msg if {
	some one in changes
	one.change.key in protected
	msg := sprintf("%s: only a person changes %s.", [one.target, one.change.key])
}

warn contains msg if {
	some one in input.ignored
	msg := sprintf("%s: %s is ignored until %s: %s (%s)", [one.target, one.change.key, one.until, one.reason, one.owner])
}
