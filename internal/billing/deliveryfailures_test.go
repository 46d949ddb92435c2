package billing

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A delivery that is overtaken leaves nothing behind when its merchant is deleted, and returns to the queue when it
// is resent.
func TestOvertakenDeliveries(t *testing.T) {
	t.Parallel()
	var d Deliveries
	require.NoError(t, armed(d.Arm(DeliveryFailure{Kind: DeliveryReordered, Turns: Turns{Times: 1}})))
	d.Add(1, eventFor(noon, "wh_1"), []byte(`1`))
	d.Add(1, eventFor(noon, "wh_1"), []byte(`2`))
	require.Equal(t, `2`, string(d.Due(noon)[0].Body))
	next, ok := d.NextDue(func(id string) bool { return id == "wh_1" })
	require.False(t, ok, "the webhook is busy until %s", next)

	copied := Deliveries{} // plain data: it can be written and read
	data, err := json.Marshal(d)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(data, &copied))
	require.Equal(t, d, copied)

	copied.Forget("mer_1")
	require.Empty(t, copied.Queues)

	later := noon.Add(5 * time.Second)
	require.Len(t, d.Due(later), 2)
	first := d.Kept[0].ID
	d.Attempted(first, DeliveryAttempt{At: later}, later)
	require.Equal(t, DeliveryDelivered, d.Kept[0].Status)
	require.True(t, d.Resend(first, "", later))
	require.Len(t, d.Due(later), 1, "one after the other")
}

// Deliveries that are dropped are forgotten like others that have ended.
func TestDroppedDeliveriesAreBounded(t *testing.T) {
	t.Parallel()
	var d Deliveries
	require.NoError(t, armed(d.Arm(DeliveryFailure{Kind: DeliveryDropped})))
	for range 2*maxEnded + 1 {
		d.Add(1, eventFor(noon, "wh_1"), []byte(`{}`))
	}
	require.Len(t, d.Kept, maxEnded+1)
	require.Equal(t, len(d.Kept), d.Ended)
	require.Empty(t, d.Queues)
}

func TestArmedDeliveryFailuresAreBounded(t *testing.T) {
	t.Parallel()
	var d Deliveries
	for range maxArmed {
		require.NoError(t, armed(d.Arm(DeliveryFailure{Kind: AttemptTimedOut, Turns: Turns{Times: 1}})))
	}
	require.Error(t, armed(d.Arm(DeliveryFailure{Kind: AttemptTimedOut})))
	d.Disarm("", true)
	require.NoError(t, armed(d.Arm(DeliveryFailure{Kind: AttemptTimedOut})))
}

func armed(_ DeliveryFailure, err error) error { return err }
