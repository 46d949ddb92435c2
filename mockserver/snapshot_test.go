package mockserver_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
	"github.com/lavapayments/lava-go/mockserver"
)

func TestSnapshotAndRestore(t *testing.T) {
	t.Parallel()
	from := mockserver.Start(t, mockserver.At(newYear), mockserver.SecretKey("aks_test_original"))
	shop := openShop(t, from)
	require.Equal(t, 200, sendAs(t, from, shop.token(t), "POST", chatPath, chatBody).status)
	snapshot, err := from.Snapshot()
	require.NoError(t, err)
	require.NotContains(t, string(snapshot), "aks_test_original")

	to := mockserver.Start(t, mockserver.At(newYear.AddDate(-1, 0, 0)))
	require.NoError(t, to.Restore(snapshot))
	again, err := to.Snapshot()
	require.NoError(t, err)
	require.True(t, string(snapshot) == string(again), "it is the same state, though the server's own key works too")
	require.Equal(t, newYear, to.Now())
	for _, key := range []string{"aks_test_original", to.SecretKey()} {
		require.Equal(t, 200, sendAs(t, to, key, "GET", "/v1/customers/"+shop.customer, "").status)
	}
	restored := shop
	restored.Server, restored.client = to, to.Client()
	require.Equal(t, "24", restored.credits(t).TotalRemaining.String())
	to.Advance(31 * 24 * time.Hour)
	require.Equal(t, "25", restored.credits(t).TotalRemaining.String(), "the restored server works")

	require.Error(t, to.Restore([]byte(`{"Version":99}`)))
	require.Error(t, to.Restore([]byte(`{"Version":1}`)))
	require.Equal(t, 400, send(t, to, "POST", "/_mock/snapshot", `{`).status)
	require.Equal(t, 200, send(t, to, "POST", "/_mock/snapshot", string(snapshot)).status)
}

// After Restore, a server responds as the snapshot's server would: after random calls and a snapshot, both respond in
// the same way to the same reads, retries, and further calls.
func TestARestoredServerRespondsTheSame(t *testing.T) {
	t.Parallel()
	for seed := range uint64(10) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			opts := []mockserver.Option{mockserver.InMemory(), mockserver.At(newYear), mockserver.Seed(seed), mockserver.SecretKey("aks_test_random")}
			from, to := mockserver.Start(t, opts...), mockserver.Start(t, opts...)
			told, toldTo := hear(t, from), hear(t, to)
			story := &randomCalls{T: t, rnd: rand.New(rand.NewPCG(seed, 1)), server: from, ids: map[string][]string{}}
			for range 150 {
				story.next()
			}
			snapshot, err := from.Snapshot()
			require.NoError(t, err)
			require.NotContains(t, string(snapshot), "whsec_")
			require.NotContains(t, string(snapshot), "css_test_")
			require.NoError(t, to.Restore(snapshot))
			again, err := to.Snapshot()
			require.NoError(t, err)
			require.True(t, string(snapshot) == string(again), "another state")

			story.compareReads(from, to)
			for _, sent := range story.retries {
				require.Equal(t, story.send(from, sent), story.send(to, sent), "the retry of %s", sent.path)
			}
			signed := sentCall{method: "POST", path: "/v1/customers", body: `{"reference_id":"signed"}`}
			require.Equal(t, story.send(from, signed), story.send(to, signed))
			require.NoError(t, from.Settle(t.Context()))
			require.NoError(t, to.Settle(t.Context()))
			require.Equal(t, told.of(`"signed"`), toldTo.of(`"signed"`), "the signatures are the same")
			// They also continue in the same way.
			story.twin = to
			for range 50 {
				story.next()
			}
			story.compareReads(from, to)
		})
	}
}

// randomCalls makes random calls to a server, and to its twin if there is one.
type randomCalls struct {
	*testing.T
	rnd          *rand.Rand
	server, twin *mockserver.Server
	ids          map[string][]string // of created objects, by collection
	retries      []sentCall          // those with an idempotency key
	calls        int
}

type sentCall struct{ method, path, body, key, bearer, metadata string }

// send returns the status and body of a response.
func (r *randomCalls) send(s *mockserver.Server, c sentCall) string {
	r.Helper()
	req := httptest.NewRequestWithContext(r.Context(), c.method, "http://localhost"+c.path, strings.NewReader(c.body))
	if c.bearer == "" {
		c.bearer = "aks_test_random"
	}
	req.Header.Set("Authorization", "Bearer "+c.bearer)
	if c.key != "" {
		req.Header.Set("Idempotency-Key", c.key)
	}
	if c.metadata != "" {
		req.Header.Set("X-Lava-Metadata-Tag", c.metadata)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, req)
	require.Less(r, w.Code, 500, "%s %s: %s", c.method, c.path, w.Body)
	return fmt.Sprint(w.Code, " ", w.Body)
}

// some returns an id of a collection, or one that doesn't exist.
func (r *randomCalls) some(collection string) string {
	ids := r.ids[collection]
	if len(ids) == 0 {
		return "none"
	}
	return ids[r.rnd.IntN(len(ids))]
}

// next makes a random call, and remembers what the first server has created.
func (r *randomCalls) next() {
	r.Helper()
	r.calls++
	n := r.rnd.IntN
	c := sentCall{method: "POST", key: fmt.Sprint("key ", r.calls)}
	created := ""
	switch n(16) {
	case 0:
		created, c.path = "meters", "/v1/meters"
		c.body = fmt.Sprintf(`{"name":"M","rate_type":%q,"tier_type":%q,"tiers":[{"start":"0","rate":"%d"},{"start":"2","rate":"0.5"}]}`,
			[]string{"fixed", "percentage"}[n(2)], []string{"tokens_1m", "characters_1m", "minutes", "requests"}[n(4)], n(3))
	case 1:
		created, c.path = "plans", "/v1/plans"
		c.body = fmt.Sprintf(`{"name":"P","period_amount":"%d","billing_interval":%q,"included_credit":"%d","rollover_type":"full","credit_bundles":[{"name":"B","cost":"%d","credit_amount":"3"}],"default_auto_top_up_bundle_index":0}`,
			n(3)*10, []string{"day", "week", "month", "year"}[n(4)], n(9), n(2))
	case 2, 3:
		created, c.path = "customers", "/v1/customers"
		c.body = fmt.Sprintf(`{"reference_id":"ref %d","name":"Ada <b> & co","metadata":{"x":"<%s>","n":null}}`, n(20), strings.Repeat("&", n(9)))
	case 4, 5:
		session := sentCall{method: "POST", path: "/v1/checkout_sessions", key: c.key}
		session.body = fmt.Sprintf(`{"checkout_mode":"subscription","origin_url":"https://a.example","plan_id":%q`, r.some("plans"))
		if n(2) == 0 {
			session.body += fmt.Sprintf(`,"customer_id":%q`, r.some("customers"))
		}
		session.body += "}"
		id := r.make(session, "sessions")
		c = sentCall{method: "POST", path: "/_mock/checkout_sessions/" + id + "/complete", body: fmt.Sprintf(`{"phone":%q}`, []string{"", "+15550000001", "+15550000002"}[n(3)])}
	case 6, 7:
		created, c.path = "requests", "/v1/requests"
		c.body = fmt.Sprintf(`{"request_id":"r%d","customer_id":%q,"meter_slug":%q,"input_tokens":%d,"input_characters":%d,"input_seconds":%d.5,"metadata":{"k":"v%d"}}`,
			n(99), r.some("customers"), r.some("meters"), n(9999), n(99), n(99), n(3))
	case 8:
		c.path, c.body, c.key = "/v1/forward?u=https://api.openai.com/v1/chat/completions", `{"model":"gpt-4o-mini","messages":[{"role":"user","content":"Hi"}]}`, ""
		c.metadata = "caf\xe9 \xff"
	case 9:
		created, c.path, c.body = "spend_keys", "/v1/spend_keys", `{"name":"S","spend_limit":{"amount":"5","cycle":"daily"},"rate_limit":{"rpm":5}}`
	case 10:
		c.path, c.body = "/v1/spend_keys/"+r.some("spend_keys")+"/rotate", `{}`
	case 11:
		created, c.path, c.body = "webhooks", "/v1/webhooks", `{"name":"W","url":"https://app.example.com/hook"}`
	case 12:
		created, c.path, c.body = "secret_keys", "/v1/secret_keys", `{"name":"K"}`
	case 13:
		created = []string{"customers", "meters", "plans", "webhooks", "spend_keys"}[n(5)]
		c.method, c.path, c.key = "DELETE", "/v1/"+created+"/"+r.some(created), ""
		created = ""
	case 14:
		c.path, c.body, c.key = "/_mock/clock", fmt.Sprintf(`{"advance":"%dh"}`, n(200)), ""
	case 15:
		c.path, c.body = "/v1/subscriptions", fmt.Sprintf(`{"customer_id":%q,"plan_id":%q}`, r.some("customers"), r.some("plans"))
	}
	r.make(c, created)
}

// make makes a call and returns the id of the created object.
func (r *randomCalls) make(c sentCall, collection string) string {
	r.Helper()
	if c.key != "" {
		r.retries = append(r.retries, c)
	}
	response := r.send(r.server, c)
	if r.twin != nil {
		require.Equal(r, response, r.send(r.twin, c), "%s %s %s", c.method, c.path, c.body)
	}
	status, body, _ := strings.Cut(response, " ")
	if status != "201" || collection == "" {
		return "none"
	}
	var object map[string]any
	require.NoError(r, json.Unmarshal([]byte(body), &object))
	key := map[string]string{"sessions": "checkout_session_id"}[collection]
	if key == "" {
		key = strings.TrimSuffix(collection, "s") + "_id"
	}
	id, ok := object[key].(string)
	require.True(r, ok, "%s has no %s", body, key)
	r.ids[collection] = append(r.ids[collection], id)
	return id
}

// compareReads compares everything that can be read.
func (r *randomCalls) compareReads(a, b *mockserver.Server) {
	r.Helper()
	paths := []string{"wallet", "payment_methods", "account/fallback", "credit_bundles?limit=100", "usage?start=2026-01-01", "subscriptions?status=all&limit=100"}
	for _, collection := range []string{"meters", "plans", "customers", "requests", "webhooks", "spend_keys", "secret_keys"} {
		paths = append(paths, collection+"?limit=100", collection+"?limit=3")
	}
	for _, collection := range slices.Sorted(maps.Keys(r.ids)) {
		for _, id := range r.ids[collection] {
			switch collection {
			case "sessions", "secret_keys":
				continue
			case "customers":
				paths = append(paths, "customers/"+id+"/subscription", "requests?customer_id="+id, "usage?start=2026-01-01&customer_id="+id)
			}
			paths = append(paths, collection+"/"+id)
		}
	}
	for _, path := range paths {
		c := sentCall{method: "GET", path: "/v1/" + path}
		require.Equal(r, r.send(a, c), r.send(b, c), path)
	}
	for _, path := range []string{"payments", "clock"} {
		c := sentCall{method: "GET", path: "/_mock/" + path}
		require.Equal(r, r.send(a, c), r.send(b, c), path)
	}
}

// heard is what the webhooks of a server receive.
type heard struct {
	mu     sync.Mutex
	signed []string
}

func hear(t *testing.T, s *mockserver.Server) *heard {
	t.Helper()
	h := &heard{}
	require.NoError(t, s.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		h.mu.Lock()
		defer h.mu.Unlock()
		h.signed = append(h.signed, r.Header.Get("X-Webhook-Signature")+" "+string(body))
	})))
	return h
}

// of returns the signed bodies of one kind of event, in the order of signatures.
func (h *heard) of(event string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	got := slices.DeleteFunc(slices.Clone(h.signed), func(s string) bool { return !strings.Contains(s, event) })
	slices.Sort(got)
	return got
}

// With different root keys, secrets that were shown once can't be shown again, and webhooks have new secrets.
func TestRestoreByAServerWithAnotherRootKey(t *testing.T) {
	t.Parallel()
	from, to := mockserver.Start(t, mockserver.Seed(1)), mockserver.Start(t, mockserver.Seed(2))
	post := func(s *mockserver.Server, path, body string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL()+path, strings.NewReader(body))
		require.NoError(t, err)
		req.Header.Set("Authorization", "Bearer "+s.SecretKey())
		req.Header.Set("Idempotency-Key", "once")
		resp, err := s.HTTPClient().Do(req)
		require.NoError(t, err)
		defer func() { require.NoError(t, resp.Body.Close()) }()
		data, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		return answer{resp.StatusCode, resp.Header, data}
	}
	key := post(from, "/v1/secret_keys", `{"name":"k"}`).object(t)["secret_key"].(string)
	hook := post(from, "/v1/webhooks", `{"name":"w","url":"https://app.example.com"}`).object(t)["webhook_secret"]
	plain := string(post(from, "/v1/customers", `{}`).body)
	snapshot, err := from.Snapshot()
	require.NoError(t, err)
	require.NoError(t, to.Restore(snapshot))

	require.Equal(t, 200, sendAs(t, to, key, "GET", "/v1/customers", "").status, "the key works")
	require.Equal(t, 409, post(to, "/v1/secret_keys", `{"name":"k"}`).status, "but this server can't show it")
	require.Equal(t, plain, string(post(to, "/v1/customers", `{}`).body))
	secret := post(to, "/v1/webhooks", `{"name":"w","url":"https://app.example.com"}`).object(t)["webhook_secret"].(string)
	require.NotEqual(t, hook, secret)
	verified := make(chan error, 1)
	require.NoError(t, to.HandleWebhooks("https://app.example.com", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, err := lava.ConstructEvent(body, r.Header.Get("X-Webhook-Signature"), secret)
		verified <- err
	})))
	require.Equal(t, 201, send(t, to, "POST", "/v1/customers", `{}`).status)
	require.NoError(t, <-verified, "the new secret signs")
}

// A snapshot that is too old would block the server for a very long time.
func TestRestoreOfAnOldSnapshot(t *testing.T) {
	t.Parallel()
	old := mockserver.Start(t, mockserver.At(newYear))
	snapshot, err := old.Snapshot()
	require.NoError(t, err)
	require.ErrorContains(t, mockserver.Start(t, mockserver.At(newYear.AddDate(100, 0, 1))).Restore(snapshot), "too long ago")
	require.NoError(t, mockserver.Start(t, mockserver.At(newYear.AddDate(100, 0, 0))).Restore(snapshot))
}

// A request that was in progress when the state was replaced doesn't belong to the new state: its id is issued again
// there, and a record must not represent two requests.
func TestRestoreForgetsRequestsUnderWay(t *testing.T) {
	t.Parallel()
	var (
		s         *mockserver.Server
		snapshot  []byte
		responses int
	)
	s = mockserver.Start(t, mockserver.At(newYear), mockserver.Upstream("api.openai.com", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if responses++; responses == 1 {
			assert.NoError(t, s.Restore(snapshot))
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprintf(w, `{"object":"chat.completion","choices":[],"usage":{"prompt_tokens":%d,"completion_tokens":0}}`, responses)
	})))
	shop := openShop(t, s)
	token := shop.token(t)
	var err error
	snapshot, err = s.Snapshot()
	require.NoError(t, err)
	first := sendAs(t, s, token, "POST", chatPath, chatBody)
	require.Equal(t, 200, first.status)
	second := sendAs(t, s, token, "POST", chatPath, chatBody)
	require.Equal(t, 200, second.status)

	id := second.header.Get("X-Lava-Request-Id")
	require.Equal(t, first.header.Get("X-Lava-Request-Id"), id, "otherwise this test shows nothing")
	page, err := s.Client().Requests.List(t.Context(), lava.ListRequestsParams{})
	require.NoError(t, err)
	require.Len(t, page.Data, 1)
	require.EqualValues(t, 2, page.Data[0].ModelUsage.InputTokens, "the record is that of the second request")
}

// Deliveries that were pending when the state was replaced belong to the old state. A suite that restores the same
// snapshot before each test receives nothing from the previous test.
func TestRestoreDropsDeliveriesThatWait(t *testing.T) {
	t.Parallel()
	s := mockserver.Start(t, mockserver.InMemory())
	m := &mailbox{t: t}
	m.open(s)
	snapshot, err := s.Snapshot()
	require.NoError(t, err)
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookDelayed, Delay: time.Minute, Times: 1})
	s.FailWebhooks(mockserver.WebhookFailure{Kind: mockserver.WebhookReordered, After: 1, Times: 1})
	for _, reference := range []string{"a", "b", "c"} {
		require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"`+reference+`"}`).status)
	}
	require.NoError(t, s.Settle(t.Context()))
	require.Empty(t, m.got)
	require.NoError(t, s.Restore(snapshot))
	_, due := s.NextDue(mockserver.DueDelivery)
	require.False(t, due)
	s.Advance(time.Hour)
	require.Empty(t, m.got)
	require.Equal(t, 201, send(t, s, "POST", "/v1/customers", `{"reference_id":"d"}`).status)
	require.NoError(t, s.Settle(t.Context()))
	require.Equal(t, []string{"d200"}, m.got)
}
