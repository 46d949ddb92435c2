package mockserver_test

import (
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

const (
	responsesPath = "/v1/forward?u=https://api.openai.com/v1/responses"
	responseBody  = `{"model":"gpt-5.1","input":"Why is the sky blue?"}`
)

// storeResponse returns the path of a response that a key has created at a fake.
func storeResponse(t *testing.T, s *mockserver.Server, key string) string {
	t.Helper()
	a := sendAs(t, s, key, "POST", responsesPath, responseBody)
	require.Equal(t, 200, a.status, "%s", a.body)
	return responsesPath + "/" + a.object(t)["id"].(string)
}

// What a merchant has stored at a provider is found with all of its keys, and with no other merchant's.
func TestStoredObjectsAreTheMerchantsOwn(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	tenant, other := s.NewMerchant(), s.NewMerchant()
	spend, err := tenant.Client().SpendKeys.Create(t.Context(), lava.CreateSpendKeyParams{Name: "App"})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		path, body, id string
		read           string // after the id
		status         int    // for others
		message        string
	}{
		"response": {responsesPath, responseBody, "id", "/input_items", 404, "Response with id '%s' not found."},
		"chat": {chatPath, `{"model":"gpt-4o-mini","store":true,"messages":[{"role":"user","content":"Why is the sky blue?"}]}`,
			"id", "/messages", 404, "Chat completion with id '%s' not found."},
		"cached content": {"/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/cachedContents",
			`{"model":"models/gemini-2.5-flash","contents":[{"role":"user","parts":[{"text":"` + strings.Repeat("Why is the sky blue? ", 300) + `"}]}]}`,
			"name", "", 403, "CachedContent not found (or permission denied)"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := sendAs(t, s, tenant.SecretKey(), "POST", c.path, c.body)
			require.Equal(t, 200, a.status, "%s", a.body)
			id := a.object(t)[c.id].(string)
			target := c.path + "/" + strings.TrimPrefix(id, "cachedContents/")
			for _, request := range []struct{ method, path string }{{"GET", target}, {"GET", target + c.read}, {"DELETE", target}} {
				a := sendAs(t, s, other.SecretKey(), request.method, request.path, "")
				assert.Equal(t, c.status, a.status, "%s %s: %s", request.method, request.path, a.body)
				assert.Contains(t, string(a.body), strings.ReplaceAll(c.message, "%s", id))
				assert.NotContains(t, string(a.body), "blue")
			}
			for _, key := range []string{tenant.SecretKey(), spend.Key.Reveal()} {
				assert.Equal(t, 200, sendAs(t, s, key, "GET", target+c.read, "").status, "the others have not deleted it")
			}
		})
	}
}

// A cached content of Gemini ends by the server's clock.
func TestStoredObjectsExpire(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	const caches = "/v1/forward?u=https://generativelanguage.googleapis.com/v1beta/cachedContents"
	a := sendAs(t, s, s.SecretKey(), "POST", caches, `{"model":"models/gemini-2.5-flash","ttl":"3600s","contents":[{"role":"user","parts":[{"text":"`+strings.Repeat("Why is the sky blue? ", 300)+`"}]}]}`)
	require.Equal(t, 200, a.status, "%s", a.body)
	cache := caches + "/" + strings.TrimPrefix(a.object(t)["name"].(string), "cachedContents/")
	s.Advance(59 * time.Minute)
	assert.Equal(t, 200, sendAs(t, s, s.SecretKey(), "GET", cache, "").status)
	s.Advance(time.Minute)
	assert.Equal(t, 403, sendAs(t, s, s.SecretKey(), "GET", cache, "").status)
	assert.Equal(t, "{}", string(sendAs(t, s, s.SecretKey(), "GET", caches, "").body))
}

// A reset or deletion of a merchant leaves what the others have stored.
func TestResetForgetsStoredObjects(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t)
	tenant, other := s.NewMerchant(), s.NewMerchant()
	before, others := storeResponse(t, s, tenant.SecretKey()), storeResponse(t, s, other.SecretKey())
	tenant.Reset()
	assert.Equal(t, 404, sendAs(t, s, tenant.SecretKey(), "GET", before, "").status)
	assert.Equal(t, 200, sendAs(t, s, other.SecretKey(), "GET", others, "").status)
	after := storeResponse(t, s, tenant.SecretKey())
	assert.Equal(t, 200, sendAs(t, s, tenant.SecretKey(), "GET", after, "").status)
	require.NoError(t, s.DeleteMerchant(tenant.ID()))
	assert.Equal(t, 200, sendAs(t, s, other.SecretKey(), "GET", others, "").status)
}

// A snapshot has no stored objects, neither on its own server nor on another.
func TestSnapshotsHaveNoStoredObjects(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.SecretKey("aks_test_stores"))
	before := storeResponse(t, s, s.SecretKey())
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	later := storeResponse(t, s, s.SecretKey())
	fresh := mockserver.Start(t)
	for _, to := range []*mockserver.Server{s, fresh} {
		require.NoError(t, to.Restore(snapshot))
		for _, path := range []string{before, later} {
			assert.Equal(t, 404, sendAs(t, to, "aks_test_stores", "GET", path, "").status)
		}
		again := storeResponse(t, to, "aks_test_stores")
		assert.Equal(t, 200, sendAs(t, to, "aks_test_stores", "GET", again, "").status)
	}
}

// What a request from before a reset or a restore stores belongs to the old state.
func TestRequestsUnderWayStoreNothing(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]func(*mockserver.Server, []byte) error{
		"reset":   func(s *mockserver.Server, _ []byte) error { s.Reset(); return nil },
		"restore": func(s *mockserver.Server, snapshot []byte) error { return s.Restore(snapshot) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := mockserver.Start(t, mockserver.InMemory())
				snapshot, err := s.Snapshot()
				require.NoError(t, err)
				s.Script(mockserver.Reply{Latency: time.Minute})
				created, done := serve(t.Context(), s, s.SecretKey(), "POST", responsesPath, responseBody)
				synctest.Wait()
				require.NoError(t, begin(s, snapshot))
				<-done
				var response struct{ ID string }
				require.NoError(t, json.Unmarshal(created.Body.Bytes(), &response), "%s", created.Body)
				require.NotEmpty(t, response.ID)
				got, done := serve(t.Context(), s, s.SecretKey(), "GET", responsesPath+"/"+response.ID, "")
				<-done
				assert.Equal(t, 404, got.Code, "%s", got.Body)
			})
		})
	}
}
