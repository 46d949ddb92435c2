package lava_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lavapayments/lava-go"
)

func TestTransport(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Provider", "yes")
		writeJSON(w, 418, `{}`)
	})
	client := api.client(t)
	payer := lava.ForCustomer{CustomerID: "con_1", MeterSlug: "chat"}
	transport, err := client.Transport(lava.TransportParams{Payer: payer})
	require.NoError(t, err)
	token, err := client.GenerateForwardToken(payer)
	require.NoError(t, err)

	for _, tt := range []struct{ address, want string }{
		{chatURL, chatURL},
		{"https://api.openai.com/v1/models?limit=2&after=a%2Fb", "https://api.openai.com/v1/models?limit=2&after=a%2Fb"},
		{"https://generativelanguage.googleapis.com/v1beta/models/gemini:streamGenerateContent?key=theirs&alt=sse", "https://generativelanguage.googleapis.com/v1beta/models/gemini:streamGenerateContent?alt=sse"},
		{"https://example.com/?key=not-a-credential", "https://example.com/?key=not-a-credential"},
	} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.address, strings.NewReader("body"))
		require.NoError(t, err)
		for _, name := range []string{"Authorization", "x-api-key", "X-Goog-Api-Key", "xi-api-key", "Api-Key"} {
			req.Header.Set(name, "theirs")
		}
		req.Header["x-api-key"] = []string{"theirs"}
		req.Header.Set("Anthropic-Version", "2023-06-01")
		header := req.Header.Clone()
		resp, err := (&http.Client{Transport: transport}).Do(req)
		require.NoError(t, err)
		resp.Body.Close()
		require.Equal(t, 418, resp.StatusCode, "the provider's response comes back unchanged")
		require.Equal(t, "yes", resp.Header.Get("X-Provider"))
		require.Equal(t, tt.address, resp.Request.URL.String())
		require.Equal(t, header, req.Header, "the SDK's request is not modified")

		seen := api.seen()[len(api.seen())-1]
		uri, err := url.ParseRequestURI(seen.URI)
		require.NoError(t, err)
		require.Equal(t, "/v1/forward", uri.Path)
		require.Equal(t, tt.want, uri.Query().Get("u"))
		require.Equal(t, "body", seen.Body)
		require.Equal(t, "2023-06-01", seen.Header.Get("Anthropic-Version"))
		require.Equal(t, "Bearer "+token.Reveal(), seen.Header.Get("Authorization"))
		for name, values := range seen.Header {
			require.NotContains(t, values, "theirs", name)
		}
	}

	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, client.Providers.OpenAI, strings.NewReader(""))
	require.NoError(t, err)
	_, err = (&http.Client{Transport: transport}).Do(req)
	require.ErrorContains(t, err, "keep the provider's base URL")
}

// Credentials that the SDK adds are not sent: neither its keys, nor the signatures and sessions of clouds.
func TestNoCredentialLeaves(t *testing.T) {
	t.Parallel()
	const planted = "pl4nted"
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	headers := []string{
		"Authorization", "X-Api-Key", "Api-Key", "X-Goog-Api-Key", "Xi-Api-Key", "Proxy-Authorization", "Cookie", "Ocp-Apim-Subscription-Key",
		"X-Amz-Date", "X-Amz-Security-Token", "X-Amz-Content-Sha256", "X-Amz-Signature", "X-Amz-Credential", "X-Amz-Region-Set", "X-Amz-S3session-Token",
		"X-Goog-Iam-Authorization-Token", "X-Serverless-Authorization", "X-Auth-Token", "X-Access-Token", "X-Ms-Authorization-Auxiliary",
		"X-Ms-Client-Principal", "X-Goog-Iap-Jwt-Assertion", "X-Functions-Key", "X-Portkey-Api-Key", "Helicone-Auth", "Cf-Aig-Authorization",
		"Cf-Access-Client-Secret", "Private-Token", "X-Gitlab-Token", "X_Api_Key",
	}
	stays := map[string]string{
		"X-Amzn-Bedrock-Trace": "ENABLED", "Anthropic-Beta": "token-efficient-tools-2025-02-19", "Openai-Organization": "org-1",
		"X-Goog-User-Project": "p", "Idempotency-Key": "one", "X-Lava-Metadata-Token": "blue", "X-Max-Tokens": "1",
	}
	params := []string{
		"X-Amz-Signature", "X-Amz-Credential", "X-Amz-Security-Token", "X-Amz-Date", "X-Goog-Signature", "X-Goog-Credential",
		"access_token", "oauth_token", "api_key", "api-key", "apiKey", "subscription-key", "X-Api-Key", "x%2Damz%2Dsignature",
		"token", "sig", "Signature", "AWSAccessKeyId", "client_secret", "auth_token", "password",
	}
	for _, tt := range []struct {
		address string
		format  lava.GatewayFormat
		params  []string
	}{
		{chatURL, "", params},
		{"https://bedrock-runtime.us-east-1.amazonaws.com/model/m/converse", "", params},
		{"https://generativelanguage.googleapis.com/v1beta/models/m:generateContent", "", append([]string{"key", "%6bey", "Key"}, params...)},
		{"https://api.openai.com/v1beta/models/m:generateContent", lava.FormatGoogle, append([]string{"key"}, params...)},
		{"https://user:" + planted + "@api.openai.com/v1/chat/completions", "", params},
	} {
		transport, err := client.Transport(lava.TransportParams{Format: tt.format})
		require.NoError(t, err)
		places := map[string]*http.Request{}
		request := func(query string) *http.Request {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, tt.address+"?stays=yes&page_token=stays&pageToken=stays&max_tokens=1"+query, strings.NewReader("{}"))
			require.NoError(t, err)
			for name, value := range stays {
				req.Header.Set(name, value)
			}
			return req
		}
		for _, name := range headers {
			for _, spelling := range []string{name, strings.ToLower(name)} {
				req := request("")
				req.Header[spelling] = []string{"Bearer " + planted, planted}
				places["header "+spelling] = req
			}
		}
		for _, name := range tt.params {
			places["query "+name] = request("&" + name + "=" + planted)
		}
		for place, req := range places {
			before := len(api.seen())
			resp, err := transport.RoundTrip(req)
			require.NoError(t, err)
			resp.Body.Close()
			seen := api.seen()[before]
			require.NotContains(t, seen.URI+fmt.Sprint(seen.Header), planted, "%s: %s", tt.address, place)
			for _, kept := range []string{"stays=yes", "page_token=stays", "pageToken=stays", "max_tokens=1"} {
				uri, err := url.QueryUnescape(seen.URI)
				require.NoError(t, err)
				require.Contains(t, uri, kept)
			}
			for name, value := range stays {
				require.Equal(t, value, seen.Header.Get(name), name)
			}
		}
	}
	_, err := client.Gateway(t.Context(), "https://user:"+planted+"@api.openai.com/v1/x", lava.GatewayParams{})
	require.ErrorContains(t, err, "must not contain a user and password")
	require.NotContains(t, err.Error(), planted)
}

// If a kept connection dies after the gateway has read a request, net/http does not resend it: it may already be
// billed.
func TestWhatBillsIsSentOnce(t *testing.T) {
	t.Parallel()
	for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
		for _, key := range []string{"", "Idempotency-Key", "X-Idempotency-Key"} {
			header := http.Header{}
			if key != "" {
				header.Set(key, "one")
			}
			for name, send := range map[string]func(*lava.Client) error{
				"gateway": func(client *lava.Client) error {
					_, err := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Method: method, SetHeader: setHeader(header)})
					return err
				},
				"transport": func(client *lava.Client) error {
					transport, err := client.Transport(lava.TransportParams{})
					require.NoError(t, err)
					req, err := http.NewRequestWithContext(t.Context(), method, chatURL, nil)
					require.NoError(t, err)
					req.Header = header.Clone()
					resp, err := transport.RoundTrip(req)
					if err == nil {
						resp.Body.Close()
					}
					require.Equal(t, header, req.Header, "the SDK's request is not modified")
					return err
				},
			} {
				t.Run(name+" "+method+" "+key, func(t *testing.T) {
					api := newFakeAPI(t, func(w http.ResponseWriter, r *http.Request, _ int) {
						if r.URL.Path == "/v1/models" {
							writeJSON(w, 200, `{"object":"list"}`)
							return
						}
						cut(t, w)
					})
					client := api.client(t)
					_, err := client.Models.List(t.Context())
					require.NoError(t, err)
					require.Error(t, send(client))
					require.Len(t, api.seen(), 2)
					if key != "" {
						require.Equal(t, "one", api.seen()[1].Header.Get(key))
					}
				})
			}
		}
	}
}

// The context of a call says who pays, and with which metadata and fallbacks, both for a transport and for Gateway.
func TestContextSaysWhoPays(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, respond(200, `{}`))
	client := api.client(t)
	ada, grace := lava.ForCustomer{CustomerID: "ada", MeterSlug: "chat"}, lava.ForCustomer{CustomerID: "grace", MeterSlug: "chat"}
	first, second := []lava.Fallback{{URL: "https://a.example", Model: "a"}}, []lava.Fallback{{URL: "https://b.example", Model: "b"}}
	pairs := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	all := lava.ContextWithPayer(t.Context(), ada)
	all = lava.ContextWithMetadata(all, pairs("a", "1", "b", "1"))
	all = lava.ContextWithMetadata(all, pairs("b", "2"))
	all = lava.ContextWithFallbacks(all, first)
	const inContext, inSecond = `[{"url":"https://a.example","model":"a"}]`, `[{"url":"https://b.example","model":"b"}]`

	gateway := func(params lava.GatewayParams) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.Gateway(ctx, chatURL, params)
			return err
		}
	}
	transport := func(params lava.TransportParams, header ...string) func(context.Context) error {
		return func(ctx context.Context) error {
			transport, err := client.Transport(params)
			require.NoError(t, err)
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, chatURL, strings.NewReader("{}"))
			require.NoError(t, err)
			for i := 0; i < len(header); i += 2 {
				req.Header.Set(header[i], header[i+1])
			}
			resp, err := transport.RoundTrip(req)
			if err == nil {
				resp.Body.Close()
			}
			return err
		}
	}
	for _, tt := range []struct {
		name                string
		ctx                 context.Context
		send                func(context.Context) error
		payer               lava.Payer
		metadata, fallbacks string
	}{
		{"gateway, nothing", t.Context(), gateway(lava.GatewayParams{}), nil, "", ""},
		{"gateway, context", all, gateway(lava.GatewayParams{Format: lava.FormatOpenAI}), ada, `{"a":"1","b":"2"}`, inContext},
		{"gateway, not translated", all, gateway(lava.GatewayParams{}), ada, `{"a":"1","b":"2"}`, ""},
		{"gateway, parameters first", all, gateway(lava.GatewayParams{Payer: grace, Metadata: pairs("a", "3"), Format: lava.FormatOpenAI, Fallbacks: second}), grace, `{"a":"3","b":"2"}`, inSecond},
		{"transport, nothing", t.Context(), transport(lava.TransportParams{}), nil, "", ""},
		{"transport, parameters", t.Context(), transport(lava.TransportParams{Payer: grace, Metadata: pairs("a", "3"), Format: lava.FormatOpenAI, Fallbacks: second}), grace, `{"a":"3"}`, inSecond},
		{"transport, context first", all, transport(lava.TransportParams{Payer: grace, Metadata: pairs("a", "3", "c", "3"), Format: lava.FormatOpenAI, Fallbacks: second}), ada, `{"a":"1","b":"2","c":"3"}`, inContext},
		{"transport, not translated", all, transport(lava.TransportParams{}), ada, `{"a":"1","b":"2"}`, ""},
		{"transport, the SDK's own headers", all, transport(lava.TransportParams{Format: lava.FormatOpenAI}, "x-lava-metadata", `{"x":"y"}`, "x-lava-fallbacks", `[]`), ada, `{"x":"y"}`, `[]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			require.NoError(t, tt.send(tt.ctx))
			token, err := client.GenerateForwardToken(tt.payer)
			require.NoError(t, err)
			seen := api.seen()[len(api.seen())-1]
			require.Equal(t, "Bearer "+token.Reveal(), seen.Header.Get("Authorization"))
			require.Equal(t, tt.metadata, seen.Header.Get("X-Lava-Metadata"))
			require.Equal(t, tt.fallbacks, seen.Header.Get("X-Lava-Fallbacks"))
			if strings.Contains(tt.fallbacks, "url") {
				require.Equal(t, "/v1/rewrite/openai/"+chatURL, seen.URI)
			}
		})
	}

	before := len(api.seen())
	require.ErrorContains(t, transport(lava.TransportParams{})(lava.ContextWithPayer(t.Context(), lava.ForCustomer{})), "needs a CustomerID")
	_, err := client.Transport(lava.TransportParams{Fallbacks: first})
	require.ErrorContains(t, err, "need a Format")
	_, err = client.Transport(lava.TransportParams{Format: "morse"})
	require.ErrorContains(t, err, "unknown")
	require.Len(t, api.seen(), before)
}

func TestRewriteURL(t *testing.T) {
	t.Parallel()
	client, err := lava.New(lava.WithSecretKey(testKey), lava.WithBaseURL("https://lava.example"))
	require.NoError(t, err)
	for address, want := range map[string]string{
		"https://api.anthropic.com/v1":       "https://lava.example/v1/rewrite/openai/https://api.anthropic.com/v1",
		"https://api.anthropic.com/v1/":      "https://lava.example/v1/rewrite/openai/https://api.anthropic.com/v1/",
		client.Providers.Mistral:             "https://lava.example/v1/rewrite/openai/https://api.mistral.ai/v1",
		"https://b.amazonaws.com/model/a%3A": "https://lava.example/v1/rewrite/openai/https://b.amazonaws.com/model/a%3A",
	} {
		got, err := client.RewriteURL(lava.FormatOpenAI, address)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
	for _, bad := range []struct{ format, address string }{{"", chatURL}, {"morse", chatURL}, {"openai", "api.openai.com"}, {"openai", "https://a:b@api.openai.com"}, {"openai", "https://x.openai.azure.com/openai?api-version=1"}, {"openai", "https://api.openai.com/v1?"}} {
		_, err := client.RewriteURL(lava.GatewayFormat(bad.format), bad.address)
		require.Error(t, err)
	}
}

// The shapes of the SDKs' errors; e2e has the real ones.
type (
	responseError struct {
		StatusCode int
		Response   *http.Response
		raw        string
	}
	messageError struct {
		Code            int
		Message, Status string
	}
)

func (e *responseError) Error() string   { return "refused" }
func (e *responseError) RawJSON() string { return e.raw }
func (e messageError) Error() string     { return "refused" }

func TestAsError(t *testing.T) {
	t.Parallel()
	const lavas = `{"error":{"message":"no credits","code":"insufficient_credits","status":402}}`
	body := lavas
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Lava-Request-Id", "req_7")
		writeJSON(w, 402, body)
	})
	client := api.client(t)
	transport, err := client.Transport(lava.TransportParams{})
	require.NoError(t, err)
	ask := func(t *testing.T, address string, sender http.RoundTripper) (*http.Response, string) {
		t.Helper()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, address, strings.NewReader("{}"))
		require.NoError(t, err)
		resp, err := (&http.Client{Transport: sender}).Do(req)
		require.NoError(t, err)
		defer resp.Body.Close()
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.Contains(t, []int64{-1, int64(len(text))}, resp.ContentLength)
		return resp, string(text)
	}
	resp, text := ask(t, chatURL, transport)
	require.JSONEq(t, `{"error":{"message":"no credits","code":"insufficient_credits","status":402,"request_id":"req_7"}}`, text)
	straight, straightText := ask(t, api.URL+"/v1/forward?u="+url.QueryEscape(chatURL), nil)

	_, own := client.Gateway(t.Context(), chatURL, lava.GatewayParams{Body: "{}"})
	for name, err := range map[string]error{
		"our own":             own,
		"through a transport": &responseError{402, resp, ""},
		"wrapped":             fmt.Errorf("chat: %w", &responseError{402, resp, ""}),
		"joined":              errors.Join(io.EOF, fmt.Errorf("chat: %w", &responseError{402, resp, ""})),
		"without a response":  messageError{402, text, "402 Payment Required"},
		"by the base URL":     &responseError{402, straight, straightText},
		"the inner object":    &responseError{402, straight, strings.TrimSuffix(strings.TrimPrefix(lavas, `{"error":`), "}")},
	} {
		failed := lava.AsError(err)
		require.NotNil(t, failed, name)
		require.ErrorIs(t, failed, lava.ErrInsufficientCredits, name)
		require.Equal(t, "req_7", failed.RequestID, name)
		require.Equal(t, "no credits", failed.Message, name)
		require.Equal(t, 402, failed.Status, name)
		if name != "without a response" {
			require.Equal(t, []string{chatURL}, failed.Tried, name)
		}
	}

	body = `{"error":{"message":"Insufficient Balance","type":"unknown_error"}}`
	resp, text = ask(t, chatURL, transport)
	require.Equal(t, body, text, "a provider's response comes back unchanged")
	failed := lava.AsError(&responseError{402, resp, ""})
	require.ErrorIs(t, failed, lava.ErrProvider)
	require.NotErrorIs(t, failed, lava.ErrInsufficientCredits)
	require.Equal(t, "api.openai.com", failed.Provider)

	body = strings.Repeat("x", 100<<10)
	_, text = ask(t, chatURL, transport)
	require.Equal(t, body, text, "nothing of a large body is lost")

	for _, err := range []error{
		nil, io.EOF, errors.Join(io.EOF, nil), (*responseError)(nil), &responseError{}, &responseError{Response: &http.Response{}},
		messageError{402, "pay", ""}, messageError{503, "overloaded", ""}, messageError{400, lavas, ""},
	} {
		failed := lava.AsError(err)
		require.Nil(t, failed, "%#v", err)
		require.NotErrorIs(t, failed, lava.ErrInsufficientCredits, "a nil Error is none of the cases")
	}
}

// An error in the middle of a stream, for which Anthropic's SDK keeps the response and the event's data, names the
// provider like one with an error status.
func TestAsErrorOfAStream(t *testing.T) {
	t.Parallel()
	api := newFakeAPI(t, func(w http.ResponseWriter, _ *http.Request, _ int) {
		w.Header().Set("X-Lava-Request-Id", "req_7")
		w.Header().Set("Content-Type", "text/event-stream")
	})
	transport, err := api.client(t).Transport(lava.TransportParams{
		Format: lava.FormatAnthropic, Fallbacks: []lava.Fallback{{URL: "https://api.openai.com/v1", Model: "gpt-4o-mini"}},
	})
	require.NoError(t, err)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://api.anthropic.com/v1/messages", strings.NewReader("{}"))
	require.NoError(t, err)
	resp, err := (&http.Client{Transport: transport}).Do(req)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
	// https://docs.claude.com/en/docs/build-with-claude/streaming#error-events
	failed := lava.AsError(&responseError{200, resp, `{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}`})
	require.ErrorIs(t, failed, lava.ErrProvider)
	require.Equal(t, "api.anthropic.com", failed.Provider)
	require.Equal(t, []string{"https://api.anthropic.com/v1/messages", "https://api.openai.com/v1"}, failed.Tried)
	require.Equal(t, "overloaded_error", failed.Code)
	require.Equal(t, "req_7", failed.RequestID)
}
