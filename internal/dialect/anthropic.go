package dialect

// anthropicUsage is Anthropic's usage object. In a stream it comes twice; what
// the second leaves out stays as the first said, so the fields are pointers.
type anthropicUsage struct {
	InputTokens   *int64 `json:"input_tokens"`
	OutputTokens  *int64 `json:"output_tokens"`
	CacheRead     *int64 `json:"cache_read_input_tokens"`
	CacheCreation *int64 `json:"cache_creation_input_tokens"`
	CacheLifetime *struct {
		FiveMinutes int64 `json:"ephemeral_5m_input_tokens"`
		OneHour     int64 `json:"ephemeral_1h_input_tokens"`
	} `json:"cache_creation"`
	OutputDetails struct {
		Thinking int64 `json:"thinking_tokens"`
	} `json:"output_tokens_details"`
	ServiceTier string `json:"service_tier"`
}

type anthropicAnswer struct {
	ID    string          `json:"id"`
	Model string          `json:"model"`
	Usage *anthropicUsage `json:"usage"`
}

func readAnthropicUsage(body []byte) (Usage, bool) {
	var a anthropicAnswer
	if !decode(body, &a) {
		return Usage{}, false
	}
	u := Usage{Model: a.Model, ResponseID: a.ID}
	a.Usage.applyTo(&u)
	return u, a.Usage != nil && (a.Usage.InputTokens != nil || a.Usage.OutputTokens != nil)
}

// applyTo sets what t reports. Counts are cumulative: they are set, never added.
func (t *anthropicUsage) applyTo(u *Usage) {
	if t == nil {
		return
	}
	plain := u.InputTokens - u.CachedTokens - u.CacheWriteTokens - u.CacheWrite1hTokens
	if t.InputTokens != nil {
		plain = count(*t.InputTokens)
	}
	if t.CacheRead != nil {
		u.CachedTokens = count(*t.CacheRead)
	}
	if t.CacheCreation != nil {
		written := count(*t.CacheCreation)
		if t.CacheLifetime != nil {
			u.CacheWrite1hTokens = min(count(t.CacheLifetime.OneHour), written)
		}
		u.CacheWriteTokens = max(0, written-u.CacheWrite1hTokens)
	}
	if t.OutputTokens != nil {
		u.OutputTokens = count(*t.OutputTokens)
		u.ReasoningTokens = count(t.OutputDetails.Thinking)
	}
	if t.ServiceTier != "" {
		u.Batch = t.ServiceTier == "batch"
	}
	u.InputTokens = plain + u.CachedTokens + u.CacheWriteTokens + u.CacheWrite1hTokens
}

func (s *Stream) readAnthropic(event string, data []byte) Class {
	if event == "" { // the type is in the data too
		var typed struct {
			Type string `json:"type"`
		}
		decode(data, &typed)
		event = typed.Type
	}
	switch event {
	case "content_block_delta":
		s.text += textLength(data, "text", "partial_json", "thinking")
	case "content_block_start":
		s.text += textLength(data, "text", "name")
	case "message_start":
		var e struct {
			Message anthropicAnswer `json:"message"`
		}
		if decode(data, &e) {
			s.usage.Model, s.usage.ResponseID = e.Message.Model, e.Message.ID
			e.Message.Usage.applyTo(&s.usage)
		}
	case "message_delta":
		var e anthropicAnswer
		if decode(data, &e) && e.Usage != nil {
			e.Usage.applyTo(&s.usage)
			s.reported = s.reported || e.Usage.OutputTokens != nil
		}
	case "message_stop":
		return Terminal
	case "error":
		return Failure
	}
	return Content
}
