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

	ids := idsOf(s.Armed())
	require.Equal(t, []mockserver.Armed{
		{ID: ids[0], Method: "Fail", About: "meters.list: status 404 before effect", Times: 1, Used: 1},
		{ID: ids[1], Method: "Decline", About: "renewal: card_declined", After: 1},
		{ID: ids[2], Method: "FailWebhooks", About: "every webhook, every event: delayed by 1m0s"},
		{ID: ids[3], Method: "Script", About: `{"text":"Hello.","times":2}`, Times: 2},
	}, s.Armed())
	require.True(t, s.Armed()[0].IsSpent())
	require.False(t, s.Armed()[1].IsSpent())
	require.JSONEq(t, `{"data":[
		{"id":"`+ids[0]+`","go":"Fail","about":"meters.list: status 404 before effect","times":1,"used":1},
		{"id":"`+ids[1]+`","go":"Decline","about":"renewal: card_declined","after":1,"used":0},
		{"id":"`+ids[2]+`","go":"FailWebhooks","about":"every webhook, every event: delayed by 1m0s","used":0},
		{"id":"`+ids[3]+`","go":"Script","about":"{\"text\":\"Hello.\",\"times\":2}","times":2,"used":0}
	]}`, string(send(t, s, "GET", "/_mock/failures", "").body))
	s.Disarm()
	s.ResetScript()
	require.Empty(t, s.Armed())
}

func idsOf(all []mockserver.Armed) (ids []string) {
	for _, a := range all {
		ids = append(ids, a.ID)
	}
	return ids
}

// Each thing can be taken back on its own, used or not, by the id that arming it returned.
func TestDisarmOne(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	tenant := s.NewMerchant()
	arm := func() []string {
		return append([]string{
			s.Fail(mockserver.Failure{Endpoint: "meters.list", Status: 503}), tenant.Fail(mockserver.Failure{Status: 500}),
			s.Decline(mockserver.Decline{}), tenant.Decline(mockserver.Decline{}),
			s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped}), tenant.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped}),
		}, append(s.Script(mockserver.Reply{Text: "a"}, mockserver.Reply{Text: "b"}), tenant.Script(mockserver.Reply{Text: "c"})...)...)
	}
	ids := arm()
	require.Equal(t, ids, idsOf(s.Armed()))
	for i, id := range ids {
		if i%2 == 0 {
			s.Disarm(id)
		} else {
			require.Equal(t, 200, sendAs(t, s, "", "DELETE", "/_mock/failures?id="+id, "").status)
		}
		require.Equal(t, ids[i+1:], append([]string{}, idsOf(s.Armed())...))
	}
	require.Equal(t, 200, send(t, s, "GET", "/v1/meters", "").status)

	again := arm()
	require.NotSubset(t, ids, again, "an id is used once")
	s.Disarm(again[0], again[2], again[4])
	tenant.Disarm(again[8])
	require.Equal(t, []string{again[1], again[3], again[5], again[6], again[7]}, idsOf(s.Armed()))
	for id, message := range map[string]string{
		again[0]: "nothing that is armed has the id", "": `has the id \"\"`, "flt_none": `has the id \"flt_none\"`,
	} {
		gone := sendAs(t, s, "", "DELETE", "/_mock/failures?id="+id, "")
		require.Equal(t, 404, gone.status, id)
		require.Contains(t, string(gone.body), message)
	}
	require.Equal(t, 404, sendAs(t, s, tenant.SecretKey(), "DELETE", "/_mock/failures?id="+again[6], "").status, "it is for all merchants")
	require.Equal(t, 404, sendAs(t, s, s.SecretKey(), "DELETE", "/_mock/failures?id="+again[1], "").status, "it is another merchant's")
	require.Len(t, s.Armed(), 5)

	armed := sendAs(t, s, "", "POST", "/_mock/failures", `{"endpoint":"plans.list","times":1,"status":503}`).body
	require.JSONEq(t, `{"success":true,"armed":"Fail plans.list: status 503 before effect, once","id":"`+idsOf(s.Armed())[1]+`"}`, string(armed))
	s.Disarm()
	s.ResetScript()
}

func TestDisarmOfNothing(t *testing.T) {
	t.Parallel()
	s, err := mockserver.New(mockserver.InMemory())
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	require.PanicsWithValue(t, `mockserver: Disarm: id: nothing that is armed has the id "flt_none" (404 not_found)`, func() { s.Disarm("flt_none") })
}
