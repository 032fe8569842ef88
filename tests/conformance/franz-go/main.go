// Checks of franz-go against the broker at KAFKA_BOOTSTRAP_SERVERS: it negotiates the newest version of every API, and
// uses topic ids, fetch sessions, leader epochs and idempotent producing unasked. Each check prints one line.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

const checkTime = 60 * time.Second

var bootstrap = os.Getenv("KAFKA_BOOTSTRAP_SERVERS")

type check struct {
	promise string
	run     func(context.Context) error
}

func main() {
	checks := []check{
		{"every codec's batches are produced idempotently and read back equal", producedAndConsumed},
		{"members of a group share a topic, and one takes over from the other", sharedAndTakenOver},
		{"commits are fetched, lag is told, groups are deleted", committed},
		{"topics are created, grown, configured and deleted", administered},
		{"offsets are found by time and at both ends", offsetsListed},
		{"deleted records raise the start offset", recordsDeleted},
	}
	for _, check := range checks {
		ctx, cancel := context.WithTimeout(context.Background(), checkTime)
		if err := check.run(ctx); err != nil {
			fmt.Printf("not ok %s: %s\n", check.promise, strings.ReplaceAll(err.Error(), "\n", " "))
		} else {
			fmt.Printf("ok %s\n", check.promise)
		}
		cancel()
	}
}

// unique returns a name that no other run uses.
func unique(name string) string {
	return "franz-" + name + "-" + os.Getenv("CONFORMANCE_RUN")
}

func client(options ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append(options, kgo.SeedBrokers(bootstrap))...)
}

// adminAndTopic returns an admin client and a topic of its own, whose partitions all have leaders.
func adminAndTopic(ctx context.Context, name string, partitions int32) (*kadm.Client, string, error) {
	connection, err := client()
	if err != nil {
		return nil, "", err
	}
	admin := kadm.NewClient(connection)
	topic := unique(name)
	if _, err := admin.CreateTopic(ctx, partitions, -1, nil, topic); err != nil {
		return nil, "", err
	}
	return admin, topic, eventually(ctx, "the topic is known", func() (bool, error) {
		listed, err := admin.ListTopics(ctx, topic)
		return err == nil && len(listed[topic].Partitions) == int(partitions), err
	})
}

// eventually asks again and again until the answer is true, an error, or the check's time is up.
func eventually(ctx context.Context, what string, probe func() (bool, error)) error {
	for {
		if done, err := probe(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waited in vain until %s", what)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func expect[T comparable](what string, wanted, got T) error {
	if wanted != got {
		return fmt.Errorf("%s: wanted %v, got %v", what, wanted, got)
	}
	return nil
}

func produce(ctx context.Context, topic string, partition int32, count int, options ...kgo.Opt) error {
	producer, err := client(append(options, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		return err
	}
	defer producer.Close()
	records := make([]*kgo.Record, count)
	for i := range records {
		records[i] = &kgo.Record{Topic: topic, Partition: partition, Value: fmt.Appendf(nil, "%0100d", i)}
	}
	return producer.ProduceSync(ctx, records...).FirstErr()
}

// read polls until it has so many records.
func read(ctx context.Context, consumer *kgo.Client, count int) ([]*kgo.Record, error) {
	var records []*kgo.Record
	for len(records) < count {
		fetches := consumer.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			return nil, err
		}
		records = append(records, fetches.Records()...)
	}
	return records, nil
}

func producedAndConsumed(ctx context.Context) error {
	codecs := map[string]kgo.CompressionCodec{
		"none": kgo.NoCompression(), "gzip": kgo.GzipCompression(), "snappy": kgo.SnappyCompression(),
		"lz4": kgo.Lz4Compression(), "zstd": kgo.ZstdCompression(),
	}
	for name, codec := range codecs {
		admin, topic, err := adminAndTopic(ctx, name, 1)
		if err != nil {
			return err
		}
		defer admin.Close()
		if err := produce(ctx, topic, 0, 1000, kgo.ProducerBatchCompression(codec)); err != nil {
			return err
		}
		consumer, err := client(kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
		if err != nil {
			return err
		}
		defer consumer.Close()
		records, err := read(ctx, consumer, 1000)
		if err != nil {
			return err
		}
		for i, record := range records {
			if err := expect(name, fmt.Sprintf("%d %0100d", i, i), fmt.Sprintf("%d %s", record.Offset, record.Value)); err != nil {
				return err
			}
		}
	}
	return nil
}

func sharedAndTakenOver(ctx context.Context) error {
	admin, topic, err := adminAndTopic(ctx, "shared", 4)
	if err != nil {
		return err
	}
	defer admin.Close()
	group := unique("shared")
	members := make([]*kgo.Client, 2)
	for i := range members {
		members[i], err = client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.HeartbeatInterval(500*time.Millisecond))
		if err != nil {
			return err
		}
		defer members[i].Close()
	}
	held := func(wanted ...int) func() (bool, error) {
		return func() (bool, error) {
			described, err := admin.DescribeGroups(ctx, group)
			if err != nil || described[group].State != "Stable" || len(described[group].Members) != len(wanted) {
				return false, err
			}
			for i, member := range described[group].Members {
				assignment, _ := member.Assigned.AsConsumer()
				partitions := 0
				for _, assigned := range assignment.Topics {
					partitions += len(assigned.Partitions)
				}
				if partitions != wanted[i] {
					return false, nil
				}
			}
			return true, nil
		}
	}
	if err := eventually(ctx, "each member has two partitions", held(2, 2)); err != nil {
		return err
	}
	members[0].Close()
	return eventually(ctx, "the second member has all four", held(4))
}

func committed(ctx context.Context) error {
	admin, topic, err := adminAndTopic(ctx, "committed", 1)
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := produce(ctx, topic, 0, 5); err != nil {
		return err
	}
	group := unique("committed")
	consumer, err := client(kgo.ConsumerGroup(group), kgo.ConsumeTopics(topic), kgo.DisableAutoCommit(),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer consumer.Close()
	records, err := read(ctx, consumer, 5)
	if err != nil {
		return err
	}
	if err := consumer.CommitRecords(ctx, records[:3]...); err != nil {
		return err
	}
	consumer.Close()
	lags, err := admin.Lag(ctx, group)
	if err != nil {
		return err
	}
	lag, _ := lags[group].Lag.Lookup(topic, 0)
	if err := expect("commit", int64(3), lag.Commit.At); err != nil {
		return err
	}
	if err := expect("lag", int64(2), lag.Lag); err != nil {
		return err
	}
	deleted, err := admin.DeleteGroup(ctx, group)
	return errors.Join(err, deleted.Err)
}

func administered(ctx context.Context) error {
	admin, topic, err := adminAndTopic(ctx, "administered", 2)
	if err != nil {
		return err
	}
	defer admin.Close()
	if _, err := admin.CreateTopic(ctx, 2, -1, nil, topic); !errors.Is(err, kerr.TopicAlreadyExists) {
		return fmt.Errorf("created again: %v", err)
	}
	if _, err := admin.UpdatePartitions(ctx, 3, topic); err != nil {
		return err
	}
	if err := eventually(ctx, "the topic has grown", func() (bool, error) {
		listed, err := admin.ListTopics(ctx, topic)
		return len(listed[topic].Partitions) == 3, err
	}); err != nil {
		return err
	}
	value := "1000"
	altered, err := admin.AlterTopicConfigs(ctx, []kadm.AlterConfig{{Name: "retention.ms", Value: &value}}, topic)
	if err := errors.Join(err, altered[0].Err); err != nil {
		return err
	}
	if err := eventually(ctx, "the change is described", func() (bool, error) {
		described, err := admin.DescribeTopicConfigs(ctx, topic)
		if err != nil {
			return false, err
		}
		for _, config := range described[0].Configs {
			if config.Key == "retention.ms" {
				return config.MaybeValue() == value, nil
			}
		}
		return false, errors.New("retention.ms is not described")
	}); err != nil {
		return err
	}
	deleted, err := admin.DeleteTopic(ctx, topic)
	return errors.Join(err, deleted.Err)
}

func offsetsListed(ctx context.Context) error {
	admin, topic, err := adminAndTopic(ctx, "offsets", 1)
	if err != nil {
		return err
	}
	defer admin.Close()
	before := time.Now().Add(-time.Second).UnixMilli()
	if err := produce(ctx, topic, 0, 5); err != nil {
		return err
	}
	for what, list := range map[string]func() (kadm.ListedOffsets, error){
		"start": func() (kadm.ListedOffsets, error) { return admin.ListStartOffsets(ctx, topic) },
		"time":  func() (kadm.ListedOffsets, error) { return admin.ListOffsetsAfterMilli(ctx, before, topic) },
		"end":   func() (kadm.ListedOffsets, error) { return admin.ListEndOffsets(ctx, topic) },
	} {
		listed, err := list()
		if err != nil {
			return err
		}
		offset, _ := listed.Lookup(topic, 0)
		wanted := map[string]int64{"start": 0, "time": 0, "end": 5}[what]
		if err := expect(what, wanted, offset.Offset); err != nil {
			return err
		}
	}
	return nil
}

func recordsDeleted(ctx context.Context) error {
	admin, topic, err := adminAndTopic(ctx, "delete-records", 1)
	if err != nil {
		return err
	}
	defer admin.Close()
	if err := produce(ctx, topic, 0, 5); err != nil {
		return err
	}
	var offsets kadm.Offsets
	offsets.AddOffset(topic, 0, 3, -1)
	deleted, err := admin.DeleteRecords(ctx, offsets)
	if err != nil {
		return err
	}
	response, _ := deleted.Lookup(topic, 0)
	return errors.Join(response.Err, expect("the low watermark", int64(3), response.LowWatermark))
}
