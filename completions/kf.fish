# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kf_global_optspecs
    string join \n h/help V/version
end

function __fish_kf_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kf_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kf_using_subcommand
    set -l cmd (__fish_kf_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kf -n "__fish_kf_needs_command" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_needs_command" -s V -l version -d 'Print version'
complete -c kf -n "__fish_kf_needs_command" -f -a "topics" -d 'Create, list, describe, alter and delete topics'
complete -c kf -n "__fish_kf_needs_command" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kf -n "__fish_kf_needs_command" -f -a "man" -d 'Print a manual page, to be read with `man -l -`'
complete -c kf -n "__fish_kf_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c kf -n "__fish_kf_using_subcommand topics" -l topic -d 'A topic; can be repeated' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l topic-id -d 'The id of the topic to describe' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l partitions -d 'How many partitions to create, or to have after --alter [default: the broker\'s]' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l replication-factor -d 'How many replicas each partition has [default: the broker\'s]' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l replica-assignment -d 'Node ids of each partition\'s replicas, as 1:2,2:3 for two partitions' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l config -d 'A config of the topic to create; can be repeated' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l delete-config -d 'Has no effect since Kafka 4.0' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l partition-size-limit-per-response -d 'How many partitions to take in one answer when describing' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -s o -l output -d 'Form of the output [default: a table on a terminal, the script\'s own text elsewhere]' -r -f -a "table\t'A table of the columns that matter most'
wide\t'A table of all columns'
json\t'One JSON array of objects'
ndjson\t'One JSON object per line'
csv\t'Comma-separated values with a header line (RFC 4180)'
name\t'Only the names, one per line'"
complete -c kf -n "__fish_kf_using_subcommand topics" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand topics" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand topics" -l list -d 'List topics by name'
complete -c kf -n "__fish_kf_using_subcommand topics" -l describe -d 'Show partitions, replicas and configs of topics'
complete -c kf -n "__fish_kf_using_subcommand topics" -l create -d 'Create topics'
complete -c kf -n "__fish_kf_using_subcommand topics" -l alter -d 'Add partitions to topics'
complete -c kf -n "__fish_kf_using_subcommand topics" -l delete -d 'Delete topics and all their records'
complete -c kf -n "__fish_kf_using_subcommand topics" -l regex -d 'Take --topic as a regular expression that whole names match'
complete -c kf -n "__fish_kf_using_subcommand topics" -l exclude-internal -d 'Leave out Kafka\'s own topics'
complete -c kf -n "__fish_kf_using_subcommand topics" -l if-exists -d 'Succeed if a topic to describe, alter or delete does not exist'
complete -c kf -n "__fish_kf_using_subcommand topics" -l if-not-exists -d 'Succeed if a topic to create exists'
complete -c kf -n "__fish_kf_using_subcommand topics" -l under-replicated-partitions -d 'Show only partitions that lack replicas in sync'
complete -c kf -n "__fish_kf_using_subcommand topics" -l unavailable-partitions -d 'Show only partitions without a leader that is alive'
complete -c kf -n "__fish_kf_using_subcommand topics" -l under-min-isr-partitions -d 'Show only partitions with fewer replicas in sync than min.insync.replicas'
complete -c kf -n "__fish_kf_using_subcommand topics" -l at-min-isr-partitions -d 'Show only partitions with exactly min.insync.replicas in sync'
complete -c kf -n "__fish_kf_using_subcommand topics" -l topics-with-overrides -d 'Show only the topics that have configs of their own'
complete -c kf -n "__fish_kf_using_subcommand topics" -l dry-run -d 'Check what would be done, and do not do it'
complete -c kf -n "__fish_kf_using_subcommand topics" -s y -l yes -d 'Do not ask before topics are deleted'
complete -c kf -n "__fish_kf_using_subcommand topics" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kf -n "__fish_kf_using_subcommand completions" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand man" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics completions man help" -f -a "topics" -d 'Create, list, describe, alter and delete topics'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics completions man help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics completions man help" -f -a "man" -d 'Print a manual page, to be read with `man -l -`'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
