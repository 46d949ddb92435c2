package billing

import (
	"encoding/json"
	"flag"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var deliverySteps = flag.Int("deliveries.steps", 150, "how many steps the delivery queue takes; each is as long as all those before it")

var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func eventFor(at time.Time, webhooks ...string) Event {
	e := Event{Type: CustomerCreated, At: at, MerchantID: "mer_1", Customer: Customer{Object: Object{ID: "con_1"}}}
	for _, id := range webhooks {
		e.Webhooks = append(e.Webhooks, Webhook{Object: Object{ID: id}})
	}
	return e
}

// idle means that no delivery of a queue is in progress.
func idle(string) bool { return false }

func TestRetrySchedule(t *testing.T) {
	t.Parallel()
	var d Deliveries
	d.Add(1, eventFor(noon, "wh_1"), []byte(`{}`))
	now, waits := noon, []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour}
	for i := range 6 {
		due := d.Due(now)
		require.Len(t, due, 1)
		require.Equal(t, i, due[0].Failed)
		d.Attempted(due[0].ID, DeliveryAttempt{At: now, Error: "down"}, now)
		if i == len(waits) {
			break
		}
		next, ok := d.NextDue(idle)
		require.True(t, ok)
		require.Equal(t, waits[i], next.Sub(now))
		require.Empty(t, d.Due(next.Add(-1)))
		now = next
	}
	require.Equal(t, DeliveryGivenUp, d.Kept[0].Status)
	require.Len(t, d.Kept[0].Attempts, 6)
	_, ok := d.NextDue(idle)
	require.False(t, ok)

	require.False(t, d.Resend("whd_test_none", "", now))
	require.True(t, d.Resend(d.Kept[0].ID, "", now))
	require.Equal(t, 0, d.Due(now)[0].Failed, "with all its retries")
	d.Attempted(d.Kept[0].ID, DeliveryAttempt{At: now}, now)
	require.Equal(t, DeliveryDelivered, d.Kept[0].Status)
	require.Empty(t, d.Queues)
}

func TestADeletedWebhookIsNotRetried(t *testing.T) {
	t.Parallel()
	var d Deliveries
	d.Add(1, eventFor(noon, "wh_1"), []byte(`{}`))
	d.Attempted(d.Kept[0].ID, DeliveryAttempt{Error: "deleted", Gone: true}, noon)
	require.Equal(t, DeliveryGivenUp, d.Kept[0].Status)
	require.Empty(t, d.Due(noon.Add(time.Hour)))
}

// A delivery waits for earlier ones to the same webhook, and not for those to others.
func TestQueuesKeepTheirOrder(t *testing.T) {
	t.Parallel()
	var d Deliveries
	d.Add(1, eventFor(noon, "wh_1", "wh_2"), []byte(`1`))
	d.Add(1, eventFor(noon, "wh_1", "wh_2"), []byte(`2`))
	bodies := func(now time.Time) (all []string) {
		for _, v := range d.Due(now) {
			all = append(all, v.WebhookID+" "+string(v.Body))
		}
		return all
	}
	require.Equal(t, []string{"wh_1 1", "wh_2 1"}, bodies(noon))
	d.Attempted(d.Kept[2].ID, DeliveryAttempt{}, noon) // not the first: ignored
	require.Equal(t, []string{"wh_1 1", "wh_2 1"}, bodies(noon))
	d.Attempted(d.Kept[0].ID, DeliveryAttempt{Error: "down"}, noon)
	d.Attempted(d.Kept[1].ID, DeliveryAttempt{}, noon)
	require.Equal(t, []string{"wh_2 2"}, bodies(noon))
	next, ok := d.NextDue(func(webhook string) bool { return webhook == "wh_2" })
	require.True(t, ok)
	require.Equal(t, noon.Add(5*time.Second), next)
	require.Equal(t, []string{"wh_1 1", "wh_2 2"}, bodies(next))

	// A resent delivery goes behind pending ones; a pending one keeps its place.
	d.Attempted(d.Kept[0].ID, DeliveryAttempt{}, next)
	require.True(t, d.Resend(d.Kept[0].ID, "", next))
	require.Equal(t, []string{"wh_1 2", "wh_2 2"}, bodies(next))
	require.True(t, d.Resend(d.Kept[2].ID, "", next))
	d.Attempted(d.Kept[2].ID, DeliveryAttempt{}, next)
	require.Equal(t, []string{"wh_1 1", "wh_2 2"}, bodies(next))
}

// A receiver that stays down costs no more memory than one that works.
func TestDeliveriesAreBounded(t *testing.T) {
	t.Parallel()
	var d Deliveries
	const events = 3*maxEnded + 5
	for i := range events {
		now := noon.Add(time.Duration(i) * time.Millisecond)
		d.Add(1, eventFor(now, "wh_down", "wh_up"), []byte(`{}`))
		for _, v := range d.Due(now) {
			if v.WebhookID == "wh_up" {
				d.Attempted(v.ID, DeliveryAttempt{At: now}, now)
			}
		}
	}
	require.Len(t, d.Queues["wh_down"], maxWaiting)
	require.NotContains(t, d.Queues, "wh_up")
	ended := 0
	for i, v := range d.Kept {
		if v.Status != DeliveryPending {
			ended++
		}
		require.True(t, i == 0 || d.Kept[i-1].Seq < v.Seq)
	}
	require.Equal(t, d.Ended, ended)
	require.GreaterOrEqual(t, ended, maxEnded)
	require.Less(t, ended, 2*maxEnded)
	require.EqualValues(t, 2*events-1, d.Kept[len(d.Kept)-1].Seq)

	first := d.Due(noon.AddDate(0, 0, 1))[0]
	require.Equal(t, noon.Add((events-maxWaiting)*time.Millisecond), first.CreatedAt, "those before it were given up")
	d.Add(1, eventFor(noon.AddDate(0, 0, 1), "wh_down"), []byte(`{}`))
	given := *d.at(first.Seq)
	require.Equal(t, DeliveryGivenUp, given.Status)
	require.Contains(t, given.Attempts[0].Error, "9999 other deliveries wait")
}

// Deliveries that are encoded and decoded at any time continue in the same way, ids included.
func TestDeliveriesArePlainData(t *testing.T) {
	t.Parallel()
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a test
	var d Deliveries
	now := noon
	for range *deliverySteps {
		data, err := json.Marshal(d)
		require.NoError(t, err)
		var copied Deliveries
		require.NoError(t, json.Unmarshal(data, &copied))
		step, outcome := random.IntN(4), DeliveryAttempt{At: now}
		if random.IntN(2) == 0 {
			outcome.Error = "down"
		}
		pick := random.IntN(max(1, len(d.Kept)))
		for _, v := range []*Deliveries{&d, &copied} {
			switch due := v.Due(now); {
			case step == 0:
				v.Add(7, eventFor(now, "wh_1", "wh_2"), []byte(`{"a":"<"}`))
			case step == 1 && len(due) > 0:
				v.Attempted(due[len(due)-1].ID, outcome, now)
			case step == 2 && len(v.Kept) > 0:
				v.Resend(v.Kept[pick].ID, "", now)
			}
		}
		if next, ok := d.NextDue(idle); ok && step == 3 && next.After(now) {
			now = next
		}
		want, err := json.Marshal(d)
		require.NoError(t, err)
		got, err := json.Marshal(copied)
		require.NoError(t, err)
		require.Equal(t, string(want), string(got))
	}
	ids := map[string]bool{}
	for i, v := range d.Kept {
		require.EqualValues(t, i, v.Seq)
		ids[v.ID] = true
	}
	require.Len(t, ids, len(d.Kept))
}
