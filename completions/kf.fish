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
complete -c kf -n "__fish_kf_needs_command" -f -a "produce" -d 'Turn lines of stdin into records'
complete -c kf -n "__fish_kf_needs_command" -f -a "console-producer" -d 'Turn lines of stdin into records'
complete -c kf -n "__fish_kf_needs_command" -f -a "consume" -d 'Print the records of topics'
complete -c kf -n "__fish_kf_needs_command" -f -a "console-consumer" -d 'Print the records of topics'
complete -c kf -n "__fish_kf_needs_command" -f -a "groups" -d 'List, describe and delete consumer groups, and reset their offsets'
complete -c kf -n "__fish_kf_needs_command" -f -a "consumer-groups" -d 'List, describe and delete consumer groups, and reset their offsets'
complete -c kf -n "__fish_kf_needs_command" -f -a "dump-log" -d 'Show what the files of a partition hold: batches, records, indexes, producers'
complete -c kf -n "__fish_kf_needs_command" -f -a "log" -d 'Prove the files of a broker that is stopped, and repair them'
complete -c kf -n "__fish_kf_needs_command" -f -a "broker" -d 'Serve Kafka clients from this machine'
complete -c kf -n "__fish_kf_needs_command" -f -a "dev" -d 'Run a command beside a broker of its own'
complete -c kf -n "__fish_kf_needs_command" -f -a "demo" -d 'See Kafka\'s first lesson happen: a broker, a topic, keyed events, a group that shares them'
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
complete -c kf -n "__fish_kf_using_subcommand topics" -s o -l output -d 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script\'s own text elsewhere]' -r -f -a "table\t'A table of the columns that matter most'
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
complete -c kf -n "__fish_kf_using_subcommand topics" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand produce" -l topic -d 'Topic to write to' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l reader-property -d 'How to read a line: parse.key, parse.headers, ignore.error (true or false [default: false]), key.separator [default: tab], headers.delimiter [default: tab], headers.separator [default: ,], headers.key.separator [default: :], null.marker' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l reader-config -d 'File of reader properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand produce" -l line-reader -d 'Class that reads the lines; there is one' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l request-required-acks -d 'Acknowledgements to wait for: 0, 1, or all (-1) [default: all]' -r -f -a "all\t''
-1\t''
0\t''
1\t''"
complete -c kf -n "__fish_kf_using_subcommand produce" -l message-send-max-retries -d 'How often a batch is sent again after a passing error [default: as often as time allows]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l retry-backoff-ms -d 'Pause before sending again [default: 100]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l request-timeout-ms -d 'How long the broker may wait for its replicas [default: 30000]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l max-block-ms -d 'How long a line waits for the topic to exist and for room in memory' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l compression-codec -d 'none, gzip, snappy, lz4 or zstd [default: none; without CODEC: gzip]' -r -f -a "none\t''
gzip\t''
snappy\t''
lz4\t''
zstd\t''"
complete -c kf -n "__fish_kf_using_subcommand produce" -l batch-size -d 'Most bytes of a batch before compression [default: 1000000]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l timeout -d 'How long a record waits for others to fill a batch [default: 5]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l max-memory-bytes -d 'Memory for records that are not delivered yet [default: 67108864]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l socket-buffer-size -d 'Size of the socket\'s send buffer [default: the system\'s]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l metadata-expiry-ms -d 'How often topics and leaders are looked up while all is well [default: 900000]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l max-partition-memory-bytes -d 'Old name of --batch-size; wins over it' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l property -d 'Old name of --reader-property' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l producer-property -d 'Old name of --command-property' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l producer.config -d 'Old name of --command-config' -r -F
complete -c kf -n "__fish_kf_using_subcommand produce" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand produce" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand produce" -l sync -d 'Wait for each record\'s delivery before reading the next line; stop at the first failure'
complete -c kf -n "__fish_kf_using_subcommand produce" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l topic -d 'Topic to write to' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l reader-property -d 'How to read a line: parse.key, parse.headers, ignore.error (true or false [default: false]), key.separator [default: tab], headers.delimiter [default: tab], headers.separator [default: ,], headers.key.separator [default: :], null.marker' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l reader-config -d 'File of reader properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l line-reader -d 'Class that reads the lines; there is one' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l request-required-acks -d 'Acknowledgements to wait for: 0, 1, or all (-1) [default: all]' -r -f -a "all\t''
-1\t''
0\t''
1\t''"
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l message-send-max-retries -d 'How often a batch is sent again after a passing error [default: as often as time allows]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l retry-backoff-ms -d 'Pause before sending again [default: 100]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l request-timeout-ms -d 'How long the broker may wait for its replicas [default: 30000]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l max-block-ms -d 'How long a line waits for the topic to exist and for room in memory' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l compression-codec -d 'none, gzip, snappy, lz4 or zstd [default: none; without CODEC: gzip]' -r -f -a "none\t''
gzip\t''
snappy\t''
lz4\t''
zstd\t''"
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l batch-size -d 'Most bytes of a batch before compression [default: 1000000]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l timeout -d 'How long a record waits for others to fill a batch [default: 5]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l max-memory-bytes -d 'Memory for records that are not delivered yet [default: 67108864]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l socket-buffer-size -d 'Size of the socket\'s send buffer [default: the system\'s]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l metadata-expiry-ms -d 'How often topics and leaders are looked up while all is well [default: 900000]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l max-partition-memory-bytes -d 'Old name of --batch-size; wins over it' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l property -d 'Old name of --reader-property' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l producer-property -d 'Old name of --command-property' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l producer.config -d 'Old name of --command-config' -r -F
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand console-producer" -l sync -d 'Wait for each record\'s delivery before reading the next line; stop at the first failure'
complete -c kf -n "__fish_kf_using_subcommand console-producer" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand consume" -l topic -d 'Topic to read' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l include -d 'Read all topics whose whole name matches' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l partition -d 'Read this partition only' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l offset -d 'Where to start in the partition: an offset, earliest, or latest [default: latest]' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l group -d 'Read as a member of this consumer group, and commit its offsets' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l isolation-level -d 'Which records of transactions: read_uncommitted or read_committed [default: read_uncommitted]' -r -f -a "read_uncommitted\t''
read_committed\t''"
complete -c kf -n "__fish_kf_using_subcommand consume" -l max-messages -d 'End after so many records [default: never]' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l timeout-ms -d 'End when no record comes for so long [default: never]' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l formatter-property -d 'What to print: print.value [default: true], print.key, print.headers, print.timestamp, print.partition, print.offset, print.epoch, print.delivery [default: false], key.separator [default: tab], line.separator [default: line feed], headers.separator [default: ,], null.literal [default: null], key.deserializer, value.deserializer, headers.deserializer' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l formatter-config -d 'File of formatter properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand consume" -l formatter -d 'DefaultMessageFormatter, LoggingMessageFormatter or NoOpMessageFormatter' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l key-deserializer -d 'Class that reads keys, such as LongDeserializer' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l value-deserializer -d 'Class that reads values, such as LongDeserializer' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l property -d 'Old name of --formatter-property' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l consumer-property -d 'Old name of --command-property' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l consumer.config -d 'Old name of --command-config' -r -F
complete -c kf -n "__fish_kf_using_subcommand consume" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand consume" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand consume" -l from-beginning -d 'Start at the first record; with --group, where the group has committed no offset'
complete -c kf -n "__fish_kf_using_subcommand consume" -l skip-message-on-error -d 'Go on after a record that cannot be formatted'
complete -c kf -n "__fish_kf_using_subcommand consume" -l raw -d 'Print payloads to a terminal as they are, control characters included'
complete -c kf -n "__fish_kf_using_subcommand consume" -l enable-systest-events -d 'Print shutdown_complete at the end, for Kafka\'s system tests'
complete -c kf -n "__fish_kf_using_subcommand consume" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l topic -d 'Topic to read' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l include -d 'Read all topics whose whole name matches' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l partition -d 'Read this partition only' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l offset -d 'Where to start in the partition: an offset, earliest, or latest [default: latest]' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l group -d 'Read as a member of this consumer group, and commit its offsets' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l isolation-level -d 'Which records of transactions: read_uncommitted or read_committed [default: read_uncommitted]' -r -f -a "read_uncommitted\t''
read_committed\t''"
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l max-messages -d 'End after so many records [default: never]' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l timeout-ms -d 'End when no record comes for so long [default: never]' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l formatter-property -d 'What to print: print.value [default: true], print.key, print.headers, print.timestamp, print.partition, print.offset, print.epoch, print.delivery [default: false], key.separator [default: tab], line.separator [default: line feed], headers.separator [default: ,], null.literal [default: null], key.deserializer, value.deserializer, headers.deserializer' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l formatter-config -d 'File of formatter properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l formatter -d 'DefaultMessageFormatter, LoggingMessageFormatter or NoOpMessageFormatter' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l key-deserializer -d 'Class that reads keys, such as LongDeserializer' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l value-deserializer -d 'Class that reads values, such as LongDeserializer' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l property -d 'Old name of --formatter-property' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l consumer-property -d 'Old name of --command-property' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l consumer.config -d 'Old name of --command-config' -r -F
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l from-beginning -d 'Start at the first record; with --group, where the group has committed no offset'
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l skip-message-on-error -d 'Go on after a record that cannot be formatted'
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l raw -d 'Print payloads to a terminal as they are, control characters included'
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -l enable-systest-events -d 'Print shutdown_complete at the end, for Kafka\'s system tests'
complete -c kf -n "__fish_kf_using_subcommand console-consumer" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand groups" -l validate-regex -d 'Say whether a regular expression to subscribe with is valid' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l group -d 'A group; can be repeated' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l topic -d 'A topic, with all of its partitions or with these; can be repeated' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l state -d 'Show the state; with --list, only groups in these states if any are named' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l type -d 'With --list, show the type, and only groups of these types if any are named' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l to-offset -d 'This offset' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l to-datetime -d 'The first record since YYYY-MM-DDThh:mm:ss.sss, in the zone that follows or in UTC' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l by-duration -d 'The first record in the last so much time: PnDTnHnMnS' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l shift-by -d 'So many records forward, or backward if negative' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l from-file -d 'The offsets in a file of topic,partition,offset or group,topic,partition,offset' -r -F
complete -c kf -n "__fish_kf_using_subcommand groups" -l timeout -d 'Bound on each answer, in milliseconds [default: 30000]' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -s o -l output -d 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script\'s own text elsewhere]' -r -f -a "table\t'A table of the columns that matter most'
wide\t'A table of all columns'
json\t'One JSON array of objects'
ndjson\t'One JSON object per line'
csv\t'Comma-separated values with a header line (RFC 4180)'
name\t'Only the names, one per line'"
complete -c kf -n "__fish_kf_using_subcommand groups" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand groups" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand groups" -l list -d 'List consumer groups'
complete -c kf -n "__fish_kf_using_subcommand groups" -l describe -d 'Show offsets and lag of groups, or their members or state'
complete -c kf -n "__fish_kf_using_subcommand groups" -l delete -d 'Delete groups with their offsets'
complete -c kf -n "__fish_kf_using_subcommand groups" -l reset-offsets -d 'Move the offsets of groups that have no members'
complete -c kf -n "__fish_kf_using_subcommand groups" -l delete-offsets -d 'Delete a group\'s offsets for some topics'
complete -c kf -n "__fish_kf_using_subcommand groups" -l all-groups -d 'All groups'
complete -c kf -n "__fish_kf_using_subcommand groups" -l all-topics -d 'All topics that the group has offsets for'
complete -c kf -n "__fish_kf_using_subcommand groups" -l offsets -d 'Show offsets and lag (what --describe does by itself)'
complete -c kf -n "__fish_kf_using_subcommand groups" -l members -d 'Show the members'
complete -c kf -n "__fish_kf_using_subcommand groups" -l verbose -d 'Show more: leader epochs, assignments, group epochs'
complete -c kf -n "__fish_kf_using_subcommand groups" -l to-earliest -d 'The first record that is still there'
complete -c kf -n "__fish_kf_using_subcommand groups" -l to-latest -d 'The end, to see only what is new'
complete -c kf -n "__fish_kf_using_subcommand groups" -l to-current -d 'Where the group stands; the end where it has no offset'
complete -c kf -n "__fish_kf_using_subcommand groups" -l dry-run -d 'Show what would be done, and do nothing (what --reset-offsets does by itself)'
complete -c kf -n "__fish_kf_using_subcommand groups" -l execute -d 'Reset the offsets'
complete -c kf -n "__fish_kf_using_subcommand groups" -l export -d 'Print the new offsets as CSV, as --from-file reads it'
complete -c kf -n "__fish_kf_using_subcommand groups" -s y -l yes -d 'Delete without asking'
complete -c kf -n "__fish_kf_using_subcommand groups" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l validate-regex -d 'Say whether a regular expression to subscribe with is valid' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l group -d 'A group; can be repeated' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l topic -d 'A topic, with all of its partitions or with these; can be repeated' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l state -d 'Show the state; with --list, only groups in these states if any are named' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l type -d 'With --list, show the type, and only groups of these types if any are named' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l to-offset -d 'This offset' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l to-datetime -d 'The first record since YYYY-MM-DDThh:mm:ss.sss, in the zone that follows or in UTC' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l by-duration -d 'The first record in the last so much time: PnDTnHnMnS' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l shift-by -d 'So many records forward, or backward if negative' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l from-file -d 'The offsets in a file of topic,partition,offset or group,topic,partition,offset' -r -F
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l timeout -d 'Bound on each answer, in milliseconds [default: 30000]' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -s o -l output -d 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script\'s own text elsewhere]' -r -f -a "table\t'A table of the columns that matter most'
wide\t'A table of all columns'
json\t'One JSON array of objects'
ndjson\t'One JSON object per line'
csv\t'Comma-separated values with a header line (RFC 4180)'
name\t'Only the names, one per line'"
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l bootstrap-server -d 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l command-config -d 'File of client properties' -r -F
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l command-property -d 'A client property; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -s X -d 'A client property, as kcat and librdkafka spell it; wins over the file' -r
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l list -d 'List consumer groups'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l describe -d 'Show offsets and lag of groups, or their members or state'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l delete -d 'Delete groups with their offsets'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l reset-offsets -d 'Move the offsets of groups that have no members'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l delete-offsets -d 'Delete a group\'s offsets for some topics'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l all-groups -d 'All groups'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l all-topics -d 'All topics that the group has offsets for'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l offsets -d 'Show offsets and lag (what --describe does by itself)'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l members -d 'Show the members'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l verbose -d 'Show more: leader epochs, assignments, group epochs'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l to-earliest -d 'The first record that is still there'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l to-latest -d 'The end, to see only what is new'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l to-current -d 'Where the group stands; the end where it has no offset'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l dry-run -d 'Show what would be done, and do nothing (what --reset-offsets does by itself)'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l execute -d 'Reset the offsets'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -l export -d 'Print the new offsets as CSV, as --from-file reads it'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -s y -l yes -d 'Delete without asking'
complete -c kf -n "__fish_kf_using_subcommand consumer-groups" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l files -d 'The files to dump: .log, .index, .timeindex, .txnindex, .snapshot, .checkpoint' -r -F
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l max-bytes -d 'How many bytes at the start of each log to look at [default: all]' -r
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l key-decoder-class -d 'How to show keys: org.apache.kafka.tools.api.StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder (hexadecimal)' -r
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l value-decoder-class -d 'How to show values; the classes are those of keys' -r
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l max-message-size -d 'The largest batch that an index entry may point at' -r
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l print-data-log -d 'Show the records\' keys and values; every decoder does'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l deep-iteration -d 'Show the records of each batch, not only the batch; --print-data-log does so too'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l skip-record-metadata -d 'Show nothing of a record but its key and value'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l offsets-decoder -d 'Show the records of __consumer_offsets as JSON'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l transaction-log-decoder -d 'Show the records of __transaction_state as JSON'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l cluster-metadata-decoder -d 'Show the records of __cluster_metadata as JSON'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l share-group-state-decoder -d 'Show the records of __share_group_state as JSON'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l remote-log-metadata-decoder -d 'Not offered'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l verify-index-only -d 'Compare indexes with their logs, and show no entries'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -l index-sanity-check -d 'Check indexes as a broker does at its start, and show no entries'
complete -c kf -n "__fish_kf_using_subcommand dump-log" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand log" -l data-dir -d 'Directory of the data [default: where `kf broker` keeps it]' -r -F
complete -c kf -n "__fish_kf_using_subcommand log" -l topic -d 'Only the partitions of this topic' -r
complete -c kf -n "__fish_kf_using_subcommand log" -l partition -d 'Only this partition' -r
complete -c kf -n "__fish_kf_using_subcommand log" -s o -l output -d 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script\'s own text elsewhere]' -r -f -a "table\t'A table of the columns that matter most'
wide\t'A table of all columns'
json\t'One JSON array of objects'
ndjson\t'One JSON object per line'
csv\t'Comma-separated values with a header line (RFC 4180)'
name\t'Only the names, one per line'"
complete -c kf -n "__fish_kf_using_subcommand log" -l verify -d 'Prove all files, and say what is the matter with which'
complete -c kf -n "__fish_kf_using_subcommand log" -l repair -d 'Take out what is damaged, and make again what can be made again'
complete -c kf -n "__fish_kf_using_subcommand log" -l dry-run -d 'Only say what a repair would do'
complete -c kf -n "__fish_kf_using_subcommand log" -l yes -d 'Do not ask first'
complete -c kf -n "__fish_kf_using_subcommand log" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand broker" -l data-dir -d 'Directory of the data' -r -F
complete -c kf -n "__fish_kf_using_subcommand broker" -l listen -d 'Address to listen on; port 0 takes a free one' -r
complete -c kf -n "__fish_kf_using_subcommand broker" -l config -d 'A server.properties file, as Apache Kafka reads it' -r -F
complete -c kf -n "__fish_kf_using_subcommand broker" -l override -d 'A setting; wins over the file and over KAFKA_* variables' -r
complete -c kf -n "__fish_kf_using_subcommand broker" -l ephemeral -d 'Keep the data in a temporary directory, never sync it, and delete it at the end'
complete -c kf -n "__fish_kf_using_subcommand broker" -l insecure-listen -d 'Allow addresses that other machines can reach, although nobody is authenticated'
complete -c kf -n "__fish_kf_using_subcommand broker" -l ready-json -d 'Say that the broker is ready as one line of JSON'
complete -c kf -n "__fish_kf_using_subcommand broker" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand dev" -l override -d 'A setting of the broker' -r
complete -c kf -n "__fish_kf_using_subcommand dev" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand demo" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand completions" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand man" -s h -l help -d 'Print help'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "topics" -d 'Create, list, describe, alter and delete topics'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "produce" -d 'Turn lines of stdin into records'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "consume" -d 'Print the records of topics'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "groups" -d 'List, describe and delete consumer groups, and reset their offsets'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "dump-log" -d 'Show what the files of a partition hold: batches, records, indexes, producers'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "log" -d 'Prove the files of a broker that is stopped, and repair them'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "broker" -d 'Serve Kafka clients from this machine'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "dev" -d 'Run a command beside a broker of its own'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "demo" -d 'See Kafka\'s first lesson happen: a broker, a topic, keyed events, a group that shares them'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "completions" -d 'Print the completion script of a shell'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "man" -d 'Print a manual page, to be read with `man -l -`'
complete -c kf -n "__fish_kf_using_subcommand help; and not __fish_seen_subcommand_from topics produce consume groups dump-log log broker dev demo completions man help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
