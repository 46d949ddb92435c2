package dialect

import (
	"net/http"
	"slices"
	"strings"

	"github.com/lavapayments/lava-go/internal/errorbody"
)

// The class of an error is the HTTP status that describes it best, whole or in a stream: each format has its own
// words for it, and some have their own status.
const (
	// QuotaUsedUp means that an account has nothing left, so waiting does not help. OpenAI and Google report it with
	// the status of a rate limit.
	QuotaUsedUp = http.StatusPaymentRequired
	// Overloaded is Anthropic's own status for an overload.
	Overloaded = 529
)

// classes are the providers' words for the classes of errors, in lower case. The sources are
// platform.claude.com/docs/en/api/errors, platform.openai.com/docs/guides/error-codes and openai-go's
// ResponseErrorCode, cloud.google.com/apis/design/errors, the exceptions in aws-sdk-go-v2's bedrockruntime, and those
// of servers in OpenAI's format: Moonshot's documentation on errors, vLLM's and TGI's types, and quotes in reports
// (github.com/anomalyco/opencode/issues/25730).
var classes = func() map[string]int {
	words := map[int]string{
		http.StatusBadRequest: "invalid_request_error bad_request badrequesterror invalid_argument failed_precondition out_of_range " +
			"validationexception validation context_length_exceeded invalid_prompt content_filter tool_use_failed",
		http.StatusUnauthorized: "authentication_error invalid_api_key invalid_authentication_error unauthenticated unauthorized authenticationerror " +
			"unrecognizedclientexception expiredtokenexception",
		QuotaUsedUp: "billing_error insufficient_quota billing_hard_limit_reached billing_not_active insufficient_credits payment_required " +
			"exceeded_current_quota_error insufficient_balance servicequotaexceededexception",
		http.StatusForbidden:             "permission_error permission_denied permission_denied_error accessdeniedexception forbidden permissiondeniederror",
		http.StatusNotFound:              "not_found_error not_found model_not_found resource_not_found_error resourcenotfoundexception notfounderror",
		http.StatusRequestTimeout:        "modeltimeoutexception request_timeout",
		http.StatusConflict:              "aborted conflict conflict_error",
		http.StatusRequestEntityTooLarge: "request_too_large",
		http.StatusFailedDependency:      "modelerrorexception modelstreamerrorexception",
		http.StatusTooManyRequests: "rate_limit_error rate_limit_exceeded rate_limit_reached_error resource_exhausted throttlingexception modelnotreadyexception " +
			"requests tokens too_many_requests rate_limited ratelimiterror",
		http.StatusInternalServerError: "api_error server_error internal internal_error internal_server_error internalservererror internalserverexception unknown data_loss",
		http.StatusNotImplemented:      "unimplemented",
		http.StatusBadGateway:          "bad_gateway upstream_error",
		http.StatusServiceUnavailable: "unavailable service_unavailable service_unavailable_error serviceunavailableexception engine_overloaded_error " +
			"server_is_overloaded slow_down overloaded",
		http.StatusGatewayTimeout: "timeout_error deadline_exceeded gateway_timeout",
		Overloaded:                "overloaded_error",
	}
	all := map[string]int{}
	for class, list := range words {
		for word := range strings.FieldsSeq(list) {
			all[word] = class
		}
	}
	return all
}()

// tooLong are the providers' words for a prompt that does not fit into the model, in lower case: OpenAI and similar
// providers, Anthropic, Google, Bedrock, xAI, Mistral, Moonshot, MiniMax and llama.cpp.
var tooLong = []string{
	"maximum context length", "context_length_exceeded", "exceeds the context window", "reduce the length of the messages",
	"prompt is too long", "exceed context limit", "input token count", "input is too long for requested model",
	"maximum prompt length", "too large for model with", "exceeds the available context size", "exceed_context_size_error", "exceeded model token limit", "context window exceeds limit",
}

// isTooLong reports whether an error's message or code says that.
func isTooLong(message string, body []byte) bool {
	text := strings.ToLower(message + " " + strings.Join(errorbody.KindOf(body).Words, " "))
	return slices.ContainsFunc(tooLong, func(words string) bool { return strings.Contains(text, words) })
}

// ClassOf returns the class of the error in a body that came without an error status: inside a stream, as an event
// whose kind may name it, or with the status of a success. It is 0 if nothing names a class.
func ClassOf(kind string, body []byte) int {
	named := errorbody.KindOf(body)
	class := classes[strings.ToLower(kind)]
	for _, word := range named.Words {
		known, ok := classes[strings.ToLower(word)]
		if ok && (class == 0 || class == http.StatusInternalServerError) { // others are more specific
			class = known
		}
	}
	if class != QuotaUsedUp && named.Status != 0 {
		class = named.Status
	}
	return class
}

// classed returns the class of an error with a status. The status says everything except that a quota is used up.
func classed(status int, body []byte) int {
	if ClassOf("", body) == QuotaUsedUp {
		return QuotaUsedUp
	}
	return status
}
