package mockserver_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestArmed(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, s.Close()) })
	s.Fail(mockserver.Failure{Endpoint: "meters.list", Times: 1, Status: 404})
	s.Decline(mockserver.Decline{Purpose: mockserver.PaymentRenewal, After: 1})
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDelayed, Delay: time.Minute})
	s.Script(mockserver.Reply{Text: "Hello.", Times: 2})
	_, err = s.Client().Meters.List(t.Context(), lava.ListMetersParams{})
	require.ErrorIs(t, err, lava.ErrNotFound)

	require.Equal(t, []mockserver.Armed{
		{Method: "Fail", About: "meters.list: status 404 before effect", Times: 1, Used: 1},
		{Method: "Decline", About: "renewal: card_declined", After: 1},
		{Method: "FailWebhooks", About: "every webhook, every event: delayed by 1m0s"},
		{Method: "Script", About: `{"text":"Hello.","times":2}`, Times: 2},
	}, s.Armed())
	require.True(t, s.Armed()[0].IsSpent())
	require.False(t, s.Armed()[1].IsSpent())
	require.JSONEq(t, `{"data":[
		{"go":"Fail","about":"meters.list: status 404 before effect","times":1,"used":1},
		{"go":"Decline","about":"renewal: card_declined","after":1,"used":0},
		{"go":"FailWebhooks","about":"every webhook, every event: delayed by 1m0s","used":0},
		{"go":"Script","about":"{\"text\":\"Hello.\",\"times\":2}","times":2,"used":0}
	]}`, string(send(t, s, "GET", "/_mock/failures", "").body))
	s.Disarm()
	s.ResetScript()
	require.Empty(t, s.Armed())
}
