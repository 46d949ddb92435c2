package lava

import (
	"context"
	"log/slog"
	"net/http"
	"strings"

	"github.com/lavapayments/lava-go/internal/exchange"
)

// observer returns a function that logs the outcome of each attempt. Without a logger it is nil, so that nothing is
// measured.
func observer(logger *slog.Logger) func(context.Context, *exchange.Request, exchange.Outcome) {
	if logger == nil {
		return nil
	}
	return func(ctx context.Context, req *exchange.Request, outcome exchange.Outcome) {
		level, message := slog.LevelDebug, "lava: request"
		if outcome.Retry {
			level, message = slog.LevelWarn, "lava: request failed, retrying"
		}
		if logger.Enabled(ctx, level) {
			logger.LogAttrs(ctx, level, message, describe(req, outcome)...)
		}
	}
}

// describe returns the attributes of a line. They include the provider's host, but no other part of an address.
func describe(req *exchange.Request, outcome exchange.Outcome) []slog.Attr {
	attrs := append(make([]slog.Attr, 0, 9), slog.String("method", req.Method), slog.String("path", req.Route))
	if addresses, _ := tried(&req.URL, req.Header); len(addresses) > 0 {
		attrs = append(attrs, slog.String("provider", hostOf(addresses)))
	}
	if outcome.Response.Status != 0 {
		attrs = append(attrs, slog.Int("status", outcome.Response.Status))
	}
	attrs = append(attrs, slog.Duration("duration", outcome.Took), slog.Int("attempt", outcome.Attempt))
	if id := outcome.Response.Header.Get(requestIDHeader); id != "" {
		attrs = append(attrs, slog.String("request_id", Redact(id)))
	}
	if outcome.Failure != nil && outcome.Failure.Err != nil {
		attrs = append(attrs, slog.String("error", withoutCredentialsOf(req.Header, outcome.Failure.Err.Error())))
	}
	if outcome.Retry {
		attrs = append(attrs, slog.Duration("retry_in", outcome.Wait))
	}
	return attrs
}

// withoutCredentialsOf returns the text of an error without the header's credentials, which the caller's transport or
// middleware may have put into it.
func withoutCredentialsOf(header http.Header, text string) string {
	for name, values := range header {
		if !isCredential(name) {
			continue
		}
		for _, value := range values {
			if value = strings.TrimPrefix(value, "Bearer "); value != "" {
				text = strings.ReplaceAll(text, value, redactedText)
			}
		}
	}
	return Redact(text)
}
