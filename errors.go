package lava

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The cases that programs tell apart. Test for them with [errors.Is]; they match
// by HTTP status, and by Lava's code where one status has several meanings.
var (
	ErrInvalidRequest         = errors.New("lava: invalid request")          // 400: Param may name the field
	ErrUnauthorized           = errors.New("lava: unauthorized")             // 401: no valid key
	ErrInsufficientCredits    = errors.New("lava: insufficient credits")     // 402: the customer's credits are used up
	ErrInsufficientBalance    = errors.New("lava: insufficient balance")     // 402: the merchant's wallet is empty
	ErrSpendLimitExceeded     = errors.New("lava: spend limit exceeded")     // 402: a spend key's limit is reached
	ErrForbidden              = errors.New("lava: forbidden")                // 403: the key may not do this
	ErrNotFound               = errors.New("lava: not found")                // 404
	ErrConflict               = errors.New("lava: conflict")                 // 409
	ErrCheckoutSessionExpired = errors.New("lava: checkout session expired") // 410
	ErrRateLimited            = errors.New("lava: rate limited")             // 429: RetryAfter may say for how long
	ErrServer                 = errors.New("lava: server error")             // 5xx
)

// Error is a call that failed: the API refused it, no complete answer came, or
// the answer can't be used. No field holds the caller's credentials.
type Error struct {
	Status  int    // HTTP status; 0 if no answer came
	Code    string // Lava's or the provider's code, such as "not_found"
	Message string
	Param   string // the request field that is wrong, if one is named

	RequestID      string        // Lava's id of the request (x-lava-request-id), for its support
	RetryAfter     time.Duration // how long the server asks to wait; 0 if it does not
	Body           []byte        // the answer's body, at most 64 KiB
	Method         string
	Path           string
	IdempotencyKey string // what a creating call carried: repeat it with [WithIdempotencyKey]
	Attempts       int    // how often the call was sent
	Err            error  // the cause, if there is one: a network error, the context's end

	kind      errorKind
	uncertain bool // an earlier attempt may have been done without an answer
}

// errorKind is what an error means for another attempt.
type errorKind uint8

const (
	refusal    errorKind = iota // the API answered with an error status
	unsent                      // nothing reached the server
	unanswered                  // sent, perhaps done: no complete answer came
	final                       // another attempt would fail alike
)

const maxErrorBody = 64 << 10

// Error implements error. It is one line.
func (e *Error) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "lava: %s %s:", e.Method, e.Path)
	if e.Status != 0 {
		fmt.Fprintf(&b, " %d", e.Status)
	}
	if e.Code != "" {
		b.WriteString(" " + e.Code)
	}
	if e.Status != 0 {
		b.WriteString(":")
	}
	b.WriteString(" " + e.Message)
	if e.Err != nil {
		if e.Message != "" {
			b.WriteString(": ")
		}
		b.WriteString(Redact(strings.TrimPrefix(e.Err.Error(), "lava: ")))
	}
	if e.RequestID != "" {
		b.WriteString(" (request " + e.RequestID + ")")
	}
	return b.String()
}

// Format implements [fmt.Formatter]: every verb prints the error's text.
func (e *Error) Format(f fmt.State, _ rune) { fmt.Fprint(f, e.Error()) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Is reports whether the error is one of the cases above.
func (e *Error) Is(target error) bool {
	switch target {
	case ErrInvalidRequest:
		return e.Status == http.StatusBadRequest || e.Status == http.StatusUnprocessableEntity
	case ErrUnauthorized:
		return e.Status == http.StatusUnauthorized
	case ErrInsufficientBalance:
		return e.Status == http.StatusPaymentRequired && e.Code == "insufficient_balance"
	case ErrSpendLimitExceeded:
		return e.Status == http.StatusPaymentRequired && e.Code == "spend_limit_exceeded"
	case ErrInsufficientCredits:
		return e.Status == http.StatusPaymentRequired && e.Code != "insufficient_balance" && e.Code != "spend_limit_exceeded"
	case ErrForbidden:
		return e.Status == http.StatusForbidden
	case ErrNotFound:
		return e.Status == http.StatusNotFound
	case ErrConflict:
		return e.Status == http.StatusConflict
	case ErrCheckoutSessionExpired:
		return e.Status == http.StatusGone
	case ErrRateLimited:
		return e.Status == http.StatusTooManyRequests
	case ErrServer:
		return e.Status >= 500
	}
	return false
}

// failure begins the error of a request.
func (p *prepared) failure(kind errorKind, message string, cause error) *Error {
	return &Error{
		Method:         p.method,
		Path:           p.url.EscapedPath(),
		IdempotencyKey: p.idempotencyKey,
		Attempts:       p.attempts,
		Message:        message,
		Err:            cause,
		kind:           kind,
	}
}

// noAnswer is the error of a request that the transport failed to carry.
func (p *prepared) noAnswer(err error) *Error {
	var outer *url.Error // repeats method and address, which may have a key in its query
	if errors.As(err, &outer) {
		err = outer.Err
	}
	return p.failure(classify(err), "", err)
}

func (p *prepared) redirectRefused(resp *http.Response, err error) *Error {
	e := p.failure(final, "", err)
	e.Status = resp.StatusCode
	e.RequestID = requestID(resp.Header)
	return e
}

// unusable is the error of a complete answer that is not what was asked for.
func (a answer) unusable(req *prepared, message string, cause error) *Error {
	e := req.failure(final, message, cause)
	e.describe(req, a)
	return e
}

// cut is the error of an answer whose body broke off.
func (a answer) cut(req *prepared, cause error) *Error {
	e := req.failure(unanswered, "the answer broke off", cause)
	e.describe(req, a)
	return e
}

// refusal is the error that the API answered with.
func (a answer) refusal(req *prepared) *Error {
	e := req.failure(refusal, "", nil)
	e.describe(req, a)
	e.RetryAfter = parseRetryAfter(a.header.Get("Retry-After"), time.Now())
	e.Code, e.Message, e.Param = parseErrorBody(e.Body)
	if e.Message == "" {
		e.Message = strings.TrimSpace(http.StatusText(a.status) + ": " + excerpt(e.Body))
	}
	return e
}

// describe keeps what an answer says about itself.
func (e *Error) describe(req *prepared, a answer) {
	e.Status = a.status
	e.RequestID = requestID(a.header)
	body := a.body.Bytes()
	e.Body = req.redact(body[:min(len(body), maxErrorBody)])
}

// redact removes credentials from what a server said, which may repeat them.
func (p *prepared) redact(text []byte) []byte {
	s := string(text)
	authorization := strings.TrimPrefix(p.header.Get("Authorization"), "Bearer ")
	for _, secret := range append(p.secrets, authorization) {
		if secret != "" {
			s = strings.ReplaceAll(s, secret, redactedText)
		}
	}
	return []byte(Redact(s))
}

// interrupted is the error of a pause before another attempt that the caller's
// context ended.
func (e *Error) interrupted(stop error) *Error {
	if e.Err == nil {
		e.Err = fmt.Errorf("stopped waiting to repeat it: %w", stop)
	} else {
		e.Err = fmt.Errorf("%w; stopped waiting to repeat it: %w", e.Err, stop)
	}
	return e
}

func requestID(header http.Header) string { return header.Get("X-Lava-Request-Id") }

// parseErrorBody reads Lava's error object, and the similar ones of providers,
// whose answers the gateway passes on.
func parseErrorBody(body []byte) (code, message, param string) {
	var envelope struct {
		Error   any    `json:"error"`
		Code    string `json:"code"`
		Message string `json:"message"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return "", "", ""
	}
	switch detail := envelope.Error.(type) {
	case string:
		return "", detail, ""
	case map[string]any:
		text := func(key string) string {
			s, _ := detail[key].(string)
			return s
		}
		code = text("code")
		if code == "" {
			code = text("type")
		}
		return code, text("message"), text("param")
	}
	return envelope.Code, envelope.Message, ""
}

const maxExcerpt = 200

// excerpt returns the beginning of a body for an error message: one printable line.
func excerpt(body []byte) string {
	if len(body) == 0 {
		return "(empty)"
	}
	text := string(body[:min(len(body), 4*maxExcerpt)])
	text = strings.Join(strings.Fields(strings.ToValidUTF8(text, "\uFFFD")), " ")
	text = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, Redact(text))
	if len(text) <= maxExcerpt {
		return text
	}
	cut := maxExcerpt
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "..."
}
