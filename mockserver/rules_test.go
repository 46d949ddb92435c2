package mockserver_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

// orphan has the result of a tool that wasn't called, which OpenAI rejects.
const orphan = `{"model":"gpt-4o","messages":[{"role":"user","content":"x"},{"role":"tool","tool_call_id":"call_1","content":"y"}]}`

// A rule can be switched off and on again for a test, in Go and in other languages, for all merchants or for one
// merchant's requests.
func TestRelaxedRules(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	tenant := s.NewMerchant()
	of := func(key string) int {
		return sendAs(t, s, key, "POST", forwardOpenAI+"chat/completions", orphan).status
	}
	both := func(first, second int, why string) {
		t.Helper()
		assert.Equal(t, []int{first, second}, []int{of(s.SecretKey()), of(tenant.SecretKey())}, why)
	}
	both(400, 400, "by default")
	s.Relax("openai.tool-message", "openai.stop")
	both(200, 200, "relaxed for all")
	s.Enforce("openai.tool-message")
	both(400, 400, "enforced again")
	tenant.Relax()
	both(400, 200, "every rule, for one")
	s.Enforce()
	both(400, 200, "what was set for all is enforced")
	tenant.Enforce("openai.tool-message")
	both(400, 400, "one of every rule is enforced")
	tenant.Relax()
	both(400, 200, "every rule, for one, again")

	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	tenant.Enforce()
	both(400, 400, "enforced again")
	require.NoError(t, s.Restore(snapshot))
	both(400, 200, "a snapshot contains it")
	tenant.Reset()
	both(400, 400, "a reset undoes it")

	got := sendAs(t, s, tenant.SecretKey(), "POST", "/_mock/rules", `{"rule":"openai.tool-message"}`)
	require.Equal(t, 200, got.status, "%s", got.body)
	both(400, 200, "over HTTP, with the key of one")
	var listed struct {
		Data []struct {
			Rule    string
			Relaxed bool
		}
	}
	require.NoError(t, json.Unmarshal(sendAs(t, s, tenant.SecretKey(), "GET", "/_mock/rules", "").body, &listed))
	var relaxed []string
	for _, r := range listed.Data {
		if r.Relaxed {
			relaxed = append(relaxed, r.Rule)
		}
	}
	assert.Equal(t, []string{"openai.tool-message"}, relaxed)
	assert.Len(t, listed.Data, len(mockserver.Rules()))
	require.Equal(t, 200, sendAs(t, s, tenant.SecretKey(), "DELETE", "/_mock/rules?rule=openai.tool-message", "").status)
	both(400, 400, "enforced over HTTP")

	require.Equal(t, 200, sendAs(t, s, "", "POST", "/_mock/rules", `{}`).status)
	both(200, 200, "any rule, for all")
	require.Equal(t, 200, sendAs(t, s, "", "POST", "/_mock/reset", "").status)
	both(400, 400, "a reset undoes it")
	got = send(t, s, "POST", "/_mock/rules", `{"rule":"openai.tool-mesage"}`)
	assert.Equal(t, 400, got.status)
	assert.Contains(t, string(got.body), "openai.tool-message")
}

// Failures armed for webhooks continue from where the snapshot was taken.
func TestSnapshotsHaveWebhookFailures(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory(), mockserver.Seed(1))
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})))
	_, err := s.Client().Webhooks.Create(t.Context(), lava.CreateWebhookParams{Name: "App", URL: "https://app.example.com/hook"})
	require.NoError(t, err)
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDropped, Times: 2})
	create := func(id string) mockserver.DeliveryStatus {
		t.Helper()
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"`+id+`"}`).status)
		require.NoError(t, s.Settle(t.Context()))
		all := s.Deliveries()
		return all[len(all)-1].Status
	}
	assert.Equal(t, mockserver.DeliveryGivenUp, create("ada"))
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	assert.Equal(t, mockserver.DeliveryGivenUp, create("bob"))
	assert.Equal(t, mockserver.DeliveryDelivered, create("cyd"))
	require.NoError(t, s.Restore(snapshot))
	assert.Equal(t, mockserver.DeliveryGivenUp, create("dan"), "its second turn")
	assert.Equal(t, mockserver.DeliveryDelivered, create("eve"))

	tampered := bytes.Replace(snapshot, []byte(`"Kind":"dropped"`), []byte(`"Kind":"eaten"`), 1)
	require.ErrorContains(t, s.Restore(tampered), "eaten")
}
