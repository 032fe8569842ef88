
using namespace System.Management.Automation
using namespace System.Management.Automation.Language

Register-ArgumentCompleter -Native -CommandName 'kf' -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)

    $commandElements = $commandAst.CommandElements
    $command = @(
        'kf'
        for ($i = 1; $i -lt $commandElements.Count; $i++) {
            $element = $commandElements[$i]
            if ($element -isnot [StringConstantExpressionAst] -or
                $element.StringConstantType -ne [StringConstantType]::BareWord -or
                $element.Value.StartsWith('-') -or
                $element.Value -eq $wordToComplete) {
                break
        }
        $element.Value
    }) -join ';'

    $completions = @(switch ($command) {
        'kf' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('-V', '-V ', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('--version', '--version', [CompletionResultType]::ParameterName, 'Print version')
            [CompletionResult]::new('topics', 'topics', [CompletionResultType]::ParameterValue, 'Create, list, describe, alter and delete topics')
            [CompletionResult]::new('produce', 'produce', [CompletionResultType]::ParameterValue, 'Turn lines of stdin into records')
            [CompletionResult]::new('console-producer', 'console-producer', [CompletionResultType]::ParameterValue, 'Turn lines of stdin into records')
            [CompletionResult]::new('consume', 'consume', [CompletionResultType]::ParameterValue, 'Print the records of topics')
            [CompletionResult]::new('console-consumer', 'console-consumer', [CompletionResultType]::ParameterValue, 'Print the records of topics')
            [CompletionResult]::new('groups', 'groups', [CompletionResultType]::ParameterValue, 'List, describe and delete consumer groups, and reset their offsets')
            [CompletionResult]::new('consumer-groups', 'consumer-groups', [CompletionResultType]::ParameterValue, 'List, describe and delete consumer groups, and reset their offsets')
            [CompletionResult]::new('dump-log', 'dump-log', [CompletionResultType]::ParameterValue, 'Show what the files of a partition hold: batches, records, indexes, producers')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Prove the files of a broker that is stopped, and repair them')
            [CompletionResult]::new('broker', 'broker', [CompletionResultType]::ParameterValue, 'Serve Kafka clients from this machine')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Run a command beside a broker of its own')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'See Kafka''s first lesson happen: a broker, a topic, keyed events, a group that shares them')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, to be read with `man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kf;topics' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'A topic; can be repeated')
            [CompletionResult]::new('--topic-id', '--topic-id', [CompletionResultType]::ParameterName, 'The id of the topic to describe')
            [CompletionResult]::new('--partitions', '--partitions', [CompletionResultType]::ParameterName, 'How many partitions to create, or to have after --alter [default: the broker''s]')
            [CompletionResult]::new('--replication-factor', '--replication-factor', [CompletionResultType]::ParameterName, 'How many replicas each partition has [default: the broker''s]')
            [CompletionResult]::new('--replica-assignment', '--replica-assignment', [CompletionResultType]::ParameterName, 'Node ids of each partition''s replicas, as 1:2,2:3 for two partitions')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'A config of the topic to create; can be repeated')
            [CompletionResult]::new('--delete-config', '--delete-config', [CompletionResultType]::ParameterName, 'Has no effect since Kafka 4.0')
            [CompletionResult]::new('--partition-size-limit-per-response', '--partition-size-limit-per-response', [CompletionResultType]::ParameterName, 'How many partitions to take in one answer when describing')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List topics by name')
            [CompletionResult]::new('--describe', '--describe', [CompletionResultType]::ParameterName, 'Show partitions, replicas and configs of topics')
            [CompletionResult]::new('--create', '--create', [CompletionResultType]::ParameterName, 'Create topics')
            [CompletionResult]::new('--alter', '--alter', [CompletionResultType]::ParameterName, 'Add partitions to topics')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Delete topics and all their records')
            [CompletionResult]::new('--regex', '--regex', [CompletionResultType]::ParameterName, 'Take --topic as a regular expression that whole names match')
            [CompletionResult]::new('--exclude-internal', '--exclude-internal', [CompletionResultType]::ParameterName, 'Leave out Kafka''s own topics')
            [CompletionResult]::new('--if-exists', '--if-exists', [CompletionResultType]::ParameterName, 'Succeed if a topic to describe, alter or delete does not exist')
            [CompletionResult]::new('--if-not-exists', '--if-not-exists', [CompletionResultType]::ParameterName, 'Succeed if a topic to create exists')
            [CompletionResult]::new('--under-replicated-partitions', '--under-replicated-partitions', [CompletionResultType]::ParameterName, 'Show only partitions that lack replicas in sync')
            [CompletionResult]::new('--unavailable-partitions', '--unavailable-partitions', [CompletionResultType]::ParameterName, 'Show only partitions without a leader that is alive')
            [CompletionResult]::new('--under-min-isr-partitions', '--under-min-isr-partitions', [CompletionResultType]::ParameterName, 'Show only partitions with fewer replicas in sync than min.insync.replicas')
            [CompletionResult]::new('--at-min-isr-partitions', '--at-min-isr-partitions', [CompletionResultType]::ParameterName, 'Show only partitions with exactly min.insync.replicas in sync')
            [CompletionResult]::new('--topics-with-overrides', '--topics-with-overrides', [CompletionResultType]::ParameterName, 'Show only the topics that have configs of their own')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Check what would be done, and do not do it')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Do not ask before topics are deleted')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask before topics are deleted')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;produce' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Topic to write to')
            [CompletionResult]::new('--reader-property', '--reader-property', [CompletionResultType]::ParameterName, 'How to read a line: parse.key, parse.headers, ignore.error (true or false [default: false]), key.separator [default: tab], headers.delimiter [default: tab], headers.separator [default: ,], headers.key.separator [default: :], null.marker')
            [CompletionResult]::new('--reader-config', '--reader-config', [CompletionResultType]::ParameterName, 'File of reader properties')
            [CompletionResult]::new('--line-reader', '--line-reader', [CompletionResultType]::ParameterName, 'Class that reads the lines; there is one')
            [CompletionResult]::new('--request-required-acks', '--request-required-acks', [CompletionResultType]::ParameterName, 'Acknowledgements to wait for: 0, 1, or all (-1) [default: all]')
            [CompletionResult]::new('--message-send-max-retries', '--message-send-max-retries', [CompletionResultType]::ParameterName, 'How often a batch is sent again after a passing error [default: as often as time allows]')
            [CompletionResult]::new('--retry-backoff-ms', '--retry-backoff-ms', [CompletionResultType]::ParameterName, 'Pause before sending again [default: 100]')
            [CompletionResult]::new('--request-timeout-ms', '--request-timeout-ms', [CompletionResultType]::ParameterName, 'How long the broker may wait for its replicas [default: 30000]')
            [CompletionResult]::new('--max-block-ms', '--max-block-ms', [CompletionResultType]::ParameterName, 'How long a line waits for the topic to exist and for room in memory')
            [CompletionResult]::new('--compression-codec', '--compression-codec', [CompletionResultType]::ParameterName, 'none, gzip, snappy, lz4 or zstd [default: none; without CODEC: gzip]')
            [CompletionResult]::new('--batch-size', '--batch-size', [CompletionResultType]::ParameterName, 'Most bytes of a batch before compression [default: 1000000]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a record waits for others to fill a batch [default: 5]')
            [CompletionResult]::new('--max-memory-bytes', '--max-memory-bytes', [CompletionResultType]::ParameterName, 'Memory for records that are not delivered yet [default: 67108864]')
            [CompletionResult]::new('--socket-buffer-size', '--socket-buffer-size', [CompletionResultType]::ParameterName, 'Size of the socket''s send buffer [default: the system''s]')
            [CompletionResult]::new('--metadata-expiry-ms', '--metadata-expiry-ms', [CompletionResultType]::ParameterName, 'How often topics and leaders are looked up while all is well [default: 900000]')
            [CompletionResult]::new('--max-partition-memory-bytes', '--max-partition-memory-bytes', [CompletionResultType]::ParameterName, 'Old name of --batch-size; wins over it')
            [CompletionResult]::new('--property', '--property', [CompletionResultType]::ParameterName, 'Old name of --reader-property')
            [CompletionResult]::new('--producer-property', '--producer-property', [CompletionResultType]::ParameterName, 'Old name of --command-property')
            [CompletionResult]::new('--producer.config', '--producer.config', [CompletionResultType]::ParameterName, 'Old name of --command-config')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Wait for each record''s delivery before reading the next line; stop at the first failure')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;console-producer' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Topic to write to')
            [CompletionResult]::new('--reader-property', '--reader-property', [CompletionResultType]::ParameterName, 'How to read a line: parse.key, parse.headers, ignore.error (true or false [default: false]), key.separator [default: tab], headers.delimiter [default: tab], headers.separator [default: ,], headers.key.separator [default: :], null.marker')
            [CompletionResult]::new('--reader-config', '--reader-config', [CompletionResultType]::ParameterName, 'File of reader properties')
            [CompletionResult]::new('--line-reader', '--line-reader', [CompletionResultType]::ParameterName, 'Class that reads the lines; there is one')
            [CompletionResult]::new('--request-required-acks', '--request-required-acks', [CompletionResultType]::ParameterName, 'Acknowledgements to wait for: 0, 1, or all (-1) [default: all]')
            [CompletionResult]::new('--message-send-max-retries', '--message-send-max-retries', [CompletionResultType]::ParameterName, 'How often a batch is sent again after a passing error [default: as often as time allows]')
            [CompletionResult]::new('--retry-backoff-ms', '--retry-backoff-ms', [CompletionResultType]::ParameterName, 'Pause before sending again [default: 100]')
            [CompletionResult]::new('--request-timeout-ms', '--request-timeout-ms', [CompletionResultType]::ParameterName, 'How long the broker may wait for its replicas [default: 30000]')
            [CompletionResult]::new('--max-block-ms', '--max-block-ms', [CompletionResultType]::ParameterName, 'How long a line waits for the topic to exist and for room in memory')
            [CompletionResult]::new('--compression-codec', '--compression-codec', [CompletionResultType]::ParameterName, 'none, gzip, snappy, lz4 or zstd [default: none; without CODEC: gzip]')
            [CompletionResult]::new('--batch-size', '--batch-size', [CompletionResultType]::ParameterName, 'Most bytes of a batch before compression [default: 1000000]')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'How long a record waits for others to fill a batch [default: 5]')
            [CompletionResult]::new('--max-memory-bytes', '--max-memory-bytes', [CompletionResultType]::ParameterName, 'Memory for records that are not delivered yet [default: 67108864]')
            [CompletionResult]::new('--socket-buffer-size', '--socket-buffer-size', [CompletionResultType]::ParameterName, 'Size of the socket''s send buffer [default: the system''s]')
            [CompletionResult]::new('--metadata-expiry-ms', '--metadata-expiry-ms', [CompletionResultType]::ParameterName, 'How often topics and leaders are looked up while all is well [default: 900000]')
            [CompletionResult]::new('--max-partition-memory-bytes', '--max-partition-memory-bytes', [CompletionResultType]::ParameterName, 'Old name of --batch-size; wins over it')
            [CompletionResult]::new('--property', '--property', [CompletionResultType]::ParameterName, 'Old name of --reader-property')
            [CompletionResult]::new('--producer-property', '--producer-property', [CompletionResultType]::ParameterName, 'Old name of --command-property')
            [CompletionResult]::new('--producer.config', '--producer.config', [CompletionResultType]::ParameterName, 'Old name of --command-config')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--sync', '--sync', [CompletionResultType]::ParameterName, 'Wait for each record''s delivery before reading the next line; stop at the first failure')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;consume' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Topic to read')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Read all topics whose whole name matches')
            [CompletionResult]::new('--partition', '--partition', [CompletionResultType]::ParameterName, 'Read this partition only')
            [CompletionResult]::new('--offset', '--offset', [CompletionResultType]::ParameterName, 'Where to start in the partition: an offset, earliest, or latest [default: latest]')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'Read as a member of this consumer group, and commit its offsets')
            [CompletionResult]::new('--isolation-level', '--isolation-level', [CompletionResultType]::ParameterName, 'Which records of transactions: read_uncommitted or read_committed [default: read_uncommitted]')
            [CompletionResult]::new('--max-messages', '--max-messages', [CompletionResultType]::ParameterName, 'End after so many records [default: never]')
            [CompletionResult]::new('--timeout-ms', '--timeout-ms', [CompletionResultType]::ParameterName, 'End when no record comes for so long [default: never]')
            [CompletionResult]::new('--formatter-property', '--formatter-property', [CompletionResultType]::ParameterName, 'What to print: print.value [default: true], print.key, print.headers, print.timestamp, print.partition, print.offset, print.epoch, print.delivery [default: false], key.separator [default: tab], line.separator [default: line feed], headers.separator [default: ,], null.literal [default: null], key.deserializer, value.deserializer, headers.deserializer')
            [CompletionResult]::new('--formatter-config', '--formatter-config', [CompletionResultType]::ParameterName, 'File of formatter properties')
            [CompletionResult]::new('--formatter', '--formatter', [CompletionResultType]::ParameterName, 'DefaultMessageFormatter, LoggingMessageFormatter or NoOpMessageFormatter')
            [CompletionResult]::new('--key-deserializer', '--key-deserializer', [CompletionResultType]::ParameterName, 'Class that reads keys, such as LongDeserializer')
            [CompletionResult]::new('--value-deserializer', '--value-deserializer', [CompletionResultType]::ParameterName, 'Class that reads values, such as LongDeserializer')
            [CompletionResult]::new('--property', '--property', [CompletionResultType]::ParameterName, 'Old name of --formatter-property')
            [CompletionResult]::new('--consumer-property', '--consumer-property', [CompletionResultType]::ParameterName, 'Old name of --command-property')
            [CompletionResult]::new('--consumer.config', '--consumer.config', [CompletionResultType]::ParameterName, 'Old name of --command-config')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--from-beginning', '--from-beginning', [CompletionResultType]::ParameterName, 'Start at the first record; with --group, where the group has committed no offset')
            [CompletionResult]::new('--skip-message-on-error', '--skip-message-on-error', [CompletionResultType]::ParameterName, 'Go on after a record that cannot be formatted')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print payloads to a terminal as they are, control characters included')
            [CompletionResult]::new('--enable-systest-events', '--enable-systest-events', [CompletionResultType]::ParameterName, 'Print shutdown_complete at the end, for Kafka''s system tests')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;console-consumer' {
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Topic to read')
            [CompletionResult]::new('--include', '--include', [CompletionResultType]::ParameterName, 'Read all topics whose whole name matches')
            [CompletionResult]::new('--partition', '--partition', [CompletionResultType]::ParameterName, 'Read this partition only')
            [CompletionResult]::new('--offset', '--offset', [CompletionResultType]::ParameterName, 'Where to start in the partition: an offset, earliest, or latest [default: latest]')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'Read as a member of this consumer group, and commit its offsets')
            [CompletionResult]::new('--isolation-level', '--isolation-level', [CompletionResultType]::ParameterName, 'Which records of transactions: read_uncommitted or read_committed [default: read_uncommitted]')
            [CompletionResult]::new('--max-messages', '--max-messages', [CompletionResultType]::ParameterName, 'End after so many records [default: never]')
            [CompletionResult]::new('--timeout-ms', '--timeout-ms', [CompletionResultType]::ParameterName, 'End when no record comes for so long [default: never]')
            [CompletionResult]::new('--formatter-property', '--formatter-property', [CompletionResultType]::ParameterName, 'What to print: print.value [default: true], print.key, print.headers, print.timestamp, print.partition, print.offset, print.epoch, print.delivery [default: false], key.separator [default: tab], line.separator [default: line feed], headers.separator [default: ,], null.literal [default: null], key.deserializer, value.deserializer, headers.deserializer')
            [CompletionResult]::new('--formatter-config', '--formatter-config', [CompletionResultType]::ParameterName, 'File of formatter properties')
            [CompletionResult]::new('--formatter', '--formatter', [CompletionResultType]::ParameterName, 'DefaultMessageFormatter, LoggingMessageFormatter or NoOpMessageFormatter')
            [CompletionResult]::new('--key-deserializer', '--key-deserializer', [CompletionResultType]::ParameterName, 'Class that reads keys, such as LongDeserializer')
            [CompletionResult]::new('--value-deserializer', '--value-deserializer', [CompletionResultType]::ParameterName, 'Class that reads values, such as LongDeserializer')
            [CompletionResult]::new('--property', '--property', [CompletionResultType]::ParameterName, 'Old name of --formatter-property')
            [CompletionResult]::new('--consumer-property', '--consumer-property', [CompletionResultType]::ParameterName, 'Old name of --command-property')
            [CompletionResult]::new('--consumer.config', '--consumer.config', [CompletionResultType]::ParameterName, 'Old name of --command-config')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--from-beginning', '--from-beginning', [CompletionResultType]::ParameterName, 'Start at the first record; with --group, where the group has committed no offset')
            [CompletionResult]::new('--skip-message-on-error', '--skip-message-on-error', [CompletionResultType]::ParameterName, 'Go on after a record that cannot be formatted')
            [CompletionResult]::new('--raw', '--raw', [CompletionResultType]::ParameterName, 'Print payloads to a terminal as they are, control characters included')
            [CompletionResult]::new('--enable-systest-events', '--enable-systest-events', [CompletionResultType]::ParameterName, 'Print shutdown_complete at the end, for Kafka''s system tests')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;groups' {
            [CompletionResult]::new('--validate-regex', '--validate-regex', [CompletionResultType]::ParameterName, 'Say whether a regular expression to subscribe with is valid')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'A group; can be repeated')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'A topic, with all of its partitions or with these; can be repeated')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Show the state; with --list, only groups in these states if any are named')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'With --list, show the type, and only groups of these types if any are named')
            [CompletionResult]::new('--to-offset', '--to-offset', [CompletionResultType]::ParameterName, 'This offset')
            [CompletionResult]::new('--to-datetime', '--to-datetime', [CompletionResultType]::ParameterName, 'The first record since YYYY-MM-DDThh:mm:ss.sss, in the zone that follows or in UTC')
            [CompletionResult]::new('--by-duration', '--by-duration', [CompletionResultType]::ParameterName, 'The first record in the last so much time: PnDTnHnMnS')
            [CompletionResult]::new('--shift-by', '--shift-by', [CompletionResultType]::ParameterName, 'So many records forward, or backward if negative')
            [CompletionResult]::new('--from-file', '--from-file', [CompletionResultType]::ParameterName, 'The offsets in a file of topic,partition,offset or group,topic,partition,offset')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bound on each answer, in milliseconds [default: 30000]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List consumer groups')
            [CompletionResult]::new('--describe', '--describe', [CompletionResultType]::ParameterName, 'Show offsets and lag of groups, or their members or state')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Delete groups with their offsets')
            [CompletionResult]::new('--reset-offsets', '--reset-offsets', [CompletionResultType]::ParameterName, 'Move the offsets of groups that have no members')
            [CompletionResult]::new('--delete-offsets', '--delete-offsets', [CompletionResultType]::ParameterName, 'Delete a group''s offsets for some topics')
            [CompletionResult]::new('--all-groups', '--all-groups', [CompletionResultType]::ParameterName, 'All groups')
            [CompletionResult]::new('--all-topics', '--all-topics', [CompletionResultType]::ParameterName, 'All topics that the group has offsets for')
            [CompletionResult]::new('--offsets', '--offsets', [CompletionResultType]::ParameterName, 'Show offsets and lag (what --describe does by itself)')
            [CompletionResult]::new('--members', '--members', [CompletionResultType]::ParameterName, 'Show the members')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: leader epochs, assignments, group epochs')
            [CompletionResult]::new('--to-earliest', '--to-earliest', [CompletionResultType]::ParameterName, 'The first record that is still there')
            [CompletionResult]::new('--to-latest', '--to-latest', [CompletionResultType]::ParameterName, 'The end, to see only what is new')
            [CompletionResult]::new('--to-current', '--to-current', [CompletionResultType]::ParameterName, 'Where the group stands; the end where it has no offset')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing (what --reset-offsets does by itself)')
            [CompletionResult]::new('--execute', '--execute', [CompletionResultType]::ParameterName, 'Reset the offsets')
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'Print the new offsets as CSV, as --from-file reads it')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;consumer-groups' {
            [CompletionResult]::new('--validate-regex', '--validate-regex', [CompletionResultType]::ParameterName, 'Say whether a regular expression to subscribe with is valid')
            [CompletionResult]::new('--group', '--group', [CompletionResultType]::ParameterName, 'A group; can be repeated')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'A topic, with all of its partitions or with these; can be repeated')
            [CompletionResult]::new('--state', '--state', [CompletionResultType]::ParameterName, 'Show the state; with --list, only groups in these states if any are named')
            [CompletionResult]::new('--type', '--type', [CompletionResultType]::ParameterName, 'With --list, show the type, and only groups of these types if any are named')
            [CompletionResult]::new('--to-offset', '--to-offset', [CompletionResultType]::ParameterName, 'This offset')
            [CompletionResult]::new('--to-datetime', '--to-datetime', [CompletionResultType]::ParameterName, 'The first record since YYYY-MM-DDThh:mm:ss.sss, in the zone that follows or in UTC')
            [CompletionResult]::new('--by-duration', '--by-duration', [CompletionResultType]::ParameterName, 'The first record in the last so much time: PnDTnHnMnS')
            [CompletionResult]::new('--shift-by', '--shift-by', [CompletionResultType]::ParameterName, 'So many records forward, or backward if negative')
            [CompletionResult]::new('--from-file', '--from-file', [CompletionResultType]::ParameterName, 'The offsets in a file of topic,partition,offset or group,topic,partition,offset')
            [CompletionResult]::new('--timeout', '--timeout', [CompletionResultType]::ParameterName, 'Bound on each answer, in milliseconds [default: 30000]')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--bootstrap-server', '--bootstrap-server', [CompletionResultType]::ParameterName, 'Brokers to ask first, separated by commas [default: $KF_BOOTSTRAP_SERVER or localhost:9092]')
            [CompletionResult]::new('--command-config', '--command-config', [CompletionResultType]::ParameterName, 'File of client properties')
            [CompletionResult]::new('--command-property', '--command-property', [CompletionResultType]::ParameterName, 'A client property; wins over the file')
            [CompletionResult]::new('-X', '-X ', [CompletionResultType]::ParameterName, 'A client property, as kcat and librdkafka spell it; wins over the file')
            [CompletionResult]::new('--list', '--list', [CompletionResultType]::ParameterName, 'List consumer groups')
            [CompletionResult]::new('--describe', '--describe', [CompletionResultType]::ParameterName, 'Show offsets and lag of groups, or their members or state')
            [CompletionResult]::new('--delete', '--delete', [CompletionResultType]::ParameterName, 'Delete groups with their offsets')
            [CompletionResult]::new('--reset-offsets', '--reset-offsets', [CompletionResultType]::ParameterName, 'Move the offsets of groups that have no members')
            [CompletionResult]::new('--delete-offsets', '--delete-offsets', [CompletionResultType]::ParameterName, 'Delete a group''s offsets for some topics')
            [CompletionResult]::new('--all-groups', '--all-groups', [CompletionResultType]::ParameterName, 'All groups')
            [CompletionResult]::new('--all-topics', '--all-topics', [CompletionResultType]::ParameterName, 'All topics that the group has offsets for')
            [CompletionResult]::new('--offsets', '--offsets', [CompletionResultType]::ParameterName, 'Show offsets and lag (what --describe does by itself)')
            [CompletionResult]::new('--members', '--members', [CompletionResultType]::ParameterName, 'Show the members')
            [CompletionResult]::new('--verbose', '--verbose', [CompletionResultType]::ParameterName, 'Show more: leader epochs, assignments, group epochs')
            [CompletionResult]::new('--to-earliest', '--to-earliest', [CompletionResultType]::ParameterName, 'The first record that is still there')
            [CompletionResult]::new('--to-latest', '--to-latest', [CompletionResultType]::ParameterName, 'The end, to see only what is new')
            [CompletionResult]::new('--to-current', '--to-current', [CompletionResultType]::ParameterName, 'Where the group stands; the end where it has no offset')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Show what would be done, and do nothing (what --reset-offsets does by itself)')
            [CompletionResult]::new('--execute', '--execute', [CompletionResultType]::ParameterName, 'Reset the offsets')
            [CompletionResult]::new('--export', '--export', [CompletionResultType]::ParameterName, 'Print the new offsets as CSV, as --from-file reads it')
            [CompletionResult]::new('-y', '-y', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Delete without asking')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;dump-log' {
            [CompletionResult]::new('--files', '--files', [CompletionResultType]::ParameterName, 'The files to dump: .log, .index, .timeindex, .txnindex, .snapshot, .checkpoint')
            [CompletionResult]::new('--max-bytes', '--max-bytes', [CompletionResultType]::ParameterName, 'How many bytes at the start of each log to look at [default: all]')
            [CompletionResult]::new('--key-decoder-class', '--key-decoder-class', [CompletionResultType]::ParameterName, 'How to show keys: org.apache.kafka.tools.api.StringDecoder, IntegerDecoder, LongDecoder or DefaultDecoder (hexadecimal)')
            [CompletionResult]::new('--value-decoder-class', '--value-decoder-class', [CompletionResultType]::ParameterName, 'How to show values; the classes are those of keys')
            [CompletionResult]::new('--max-message-size', '--max-message-size', [CompletionResultType]::ParameterName, 'The largest batch that an index entry may point at')
            [CompletionResult]::new('--print-data-log', '--print-data-log', [CompletionResultType]::ParameterName, 'Show the records'' keys and values; every decoder does')
            [CompletionResult]::new('--deep-iteration', '--deep-iteration', [CompletionResultType]::ParameterName, 'Show the records of each batch, not only the batch; --print-data-log does so too')
            [CompletionResult]::new('--skip-record-metadata', '--skip-record-metadata', [CompletionResultType]::ParameterName, 'Show nothing of a record but its key and value')
            [CompletionResult]::new('--offsets-decoder', '--offsets-decoder', [CompletionResultType]::ParameterName, 'Show the records of __consumer_offsets as JSON')
            [CompletionResult]::new('--transaction-log-decoder', '--transaction-log-decoder', [CompletionResultType]::ParameterName, 'Show the records of __transaction_state as JSON')
            [CompletionResult]::new('--cluster-metadata-decoder', '--cluster-metadata-decoder', [CompletionResultType]::ParameterName, 'Show the records of __cluster_metadata as JSON')
            [CompletionResult]::new('--share-group-state-decoder', '--share-group-state-decoder', [CompletionResultType]::ParameterName, 'Show the records of __share_group_state as JSON')
            [CompletionResult]::new('--remote-log-metadata-decoder', '--remote-log-metadata-decoder', [CompletionResultType]::ParameterName, 'Not offered')
            [CompletionResult]::new('--verify-index-only', '--verify-index-only', [CompletionResultType]::ParameterName, 'Compare indexes with their logs, and show no entries')
            [CompletionResult]::new('--index-sanity-check', '--index-sanity-check', [CompletionResultType]::ParameterName, 'Check indexes as a broker does at its start, and show no entries')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;log' {
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Directory of the data [default: where `kf broker` keeps it]')
            [CompletionResult]::new('--topic', '--topic', [CompletionResultType]::ParameterName, 'Only the partitions of this topic')
            [CompletionResult]::new('--partition', '--partition', [CompletionResultType]::ParameterName, 'Only this partition')
            [CompletionResult]::new('-o', '-o', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--output', '--output', [CompletionResultType]::ParameterName, 'table, wide (all columns), json, ndjson, csv or name [default: a table on a terminal, the script''s own text elsewhere]')
            [CompletionResult]::new('--verify', '--verify', [CompletionResultType]::ParameterName, 'Prove all files, and say what is the matter with which')
            [CompletionResult]::new('--repair', '--repair', [CompletionResultType]::ParameterName, 'Take out what is damaged, and make again what can be made again')
            [CompletionResult]::new('--dry-run', '--dry-run', [CompletionResultType]::ParameterName, 'Only say what a repair would do')
            [CompletionResult]::new('--yes', '--yes', [CompletionResultType]::ParameterName, 'Do not ask first')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;broker' {
            [CompletionResult]::new('--data-dir', '--data-dir', [CompletionResultType]::ParameterName, 'Directory of the data')
            [CompletionResult]::new('--listen', '--listen', [CompletionResultType]::ParameterName, 'Address to listen on; port 0 takes a free one')
            [CompletionResult]::new('--config', '--config', [CompletionResultType]::ParameterName, 'A server.properties file, as Apache Kafka reads it')
            [CompletionResult]::new('--override', '--override', [CompletionResultType]::ParameterName, 'A setting; wins over the file and over KAFKA_* variables')
            [CompletionResult]::new('--ephemeral', '--ephemeral', [CompletionResultType]::ParameterName, 'Keep the data in a temporary directory, never sync it, and delete it at the end')
            [CompletionResult]::new('--insecure-listen', '--insecure-listen', [CompletionResultType]::ParameterName, 'Allow addresses that other machines can reach, although nobody is authenticated')
            [CompletionResult]::new('--ready-json', '--ready-json', [CompletionResultType]::ParameterName, 'Say that the broker is ready as one line of JSON')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;dev' {
            [CompletionResult]::new('--override', '--override', [CompletionResultType]::ParameterName, 'A setting of the broker')
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;demo' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;completions' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;man' {
            [CompletionResult]::new('-h', '-h', [CompletionResultType]::ParameterName, 'Print help')
            [CompletionResult]::new('--help', '--help', [CompletionResultType]::ParameterName, 'Print help')
            break
        }
        'kf;help' {
            [CompletionResult]::new('topics', 'topics', [CompletionResultType]::ParameterValue, 'Create, list, describe, alter and delete topics')
            [CompletionResult]::new('produce', 'produce', [CompletionResultType]::ParameterValue, 'Turn lines of stdin into records')
            [CompletionResult]::new('consume', 'consume', [CompletionResultType]::ParameterValue, 'Print the records of topics')
            [CompletionResult]::new('groups', 'groups', [CompletionResultType]::ParameterValue, 'List, describe and delete consumer groups, and reset their offsets')
            [CompletionResult]::new('dump-log', 'dump-log', [CompletionResultType]::ParameterValue, 'Show what the files of a partition hold: batches, records, indexes, producers')
            [CompletionResult]::new('log', 'log', [CompletionResultType]::ParameterValue, 'Prove the files of a broker that is stopped, and repair them')
            [CompletionResult]::new('broker', 'broker', [CompletionResultType]::ParameterValue, 'Serve Kafka clients from this machine')
            [CompletionResult]::new('dev', 'dev', [CompletionResultType]::ParameterValue, 'Run a command beside a broker of its own')
            [CompletionResult]::new('demo', 'demo', [CompletionResultType]::ParameterValue, 'See Kafka''s first lesson happen: a broker, a topic, keyed events, a group that shares them')
            [CompletionResult]::new('completions', 'completions', [CompletionResultType]::ParameterValue, 'Print the completion script of a shell')
            [CompletionResult]::new('man', 'man', [CompletionResultType]::ParameterValue, 'Print a manual page, to be read with `man -l -`')
            [CompletionResult]::new('help', 'help', [CompletionResultType]::ParameterValue, 'Print this message or the help of the given subcommand(s)')
            break
        }
        'kf;help;topics' {
            break
        }
        'kf;help;produce' {
            break
        }
        'kf;help;consume' {
            break
        }
        'kf;help;groups' {
            break
        }
        'kf;help;dump-log' {
            break
        }
        'kf;help;log' {
            break
        }
        'kf;help;broker' {
            break
        }
        'kf;help;dev' {
            break
        }
        'kf;help;demo' {
            break
        }
        'kf;help;completions' {
            break
        }
        'kf;help;man' {
            break
        }
        'kf;help;help' {
            break
        }
    })

    $completions.Where{ $_.CompletionText -like "$wordToComplete*" } |
        Sort-Object -Property ListItemText
}
