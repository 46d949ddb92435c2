package dialect

import "encoding/json"

// googleUsage is Google's usageMetadata. Thoughts are apart from candidates,
// cached content is within the prompt.
type googleUsage struct {
	Prompt     int64            `json:"promptTokenCount"`
	Candidates int64            `json:"candidatesTokenCount"`
	Thoughts   int64            `json:"thoughtsTokenCount"`
	Cached     int64            `json:"cachedContentTokenCount"`
	ToolPrompt int64            `json:"toolUsePromptTokenCount"`
	PromptBy   []googleModality `json:"promptTokensDetails"`
	OutputBy   []googleModality `json:"candidatesTokensDetails"`
}

type googleModality struct {
	Modality string `json:"modality"`
	Count    int64  `json:"tokenCount"`
}

type googleAnswer struct {
	Model      string       `json:"modelVersion"`
	ResponseID string       `json:"responseId"`
	Usage      *googleUsage `json:"usageMetadata"`
	Candidates []struct {
		FinishReason string `json:"finishReason"`
	} `json:"candidates"`
	PromptFeedback *struct {
		BlockReason string `json:"blockReason"`
	} `json:"promptFeedback"`
	Error json.RawMessage `json:"error"`
}

// readGoogleUsage reads an answer, or the array of answers that a stream is
// when it is not asked for as events.
func readGoogleUsage(body []byte) (Usage, bool) {
	var s Stream
	var list []json.RawMessage
	if json.Unmarshal(body, &list) == nil {
		for _, e := range list {
			s.readGoogle(e)
		}
	} else {
		s.readGoogle(body)
	}
	return s.usage, s.reported
}

func (s *Stream) readGoogle(data []byte) Class {
	s.text += textLength(data, "text")
	var a googleAnswer
	if !decode(data, &a) {
		return Content
	}
	if a.Model != "" {
		s.usage.Model = a.Model
	}
	if a.ResponseID != "" {
		s.usage.ResponseID = a.ResponseID
	}
	if a.Usage != nil {
		a.Usage.applyTo(&s.usage)
		s.reported = true
	}
	if len(a.Error) > 0 && a.Error[0] == '{' {
		return Failure
	}
	if a.PromptFeedback != nil && a.PromptFeedback.BlockReason != "" {
		return Last
	}
	for _, c := range a.Candidates {
		if c.FinishReason != "" {
			return Last
		}
	}
	return Content
}

// applyTo sets what t reports. Each event of a stream counts all before it too.
func (t *googleUsage) applyTo(u *Usage) {
	u.InputTokens = count(t.Prompt) + count(t.ToolPrompt)
	u.OutputTokens = count(t.Candidates) + count(t.Thoughts)
	u.ReasoningTokens = count(t.Thoughts)
	u.CachedTokens = count(t.Cached)
	for _, m := range t.PromptBy {
		if m.Modality == "AUDIO" {
			u.AudioInputTokens = count(m.Count)
		}
	}
	for _, m := range t.OutputBy {
		switch m.Modality {
		case "AUDIO":
			u.AudioOutputTokens = count(m.Count)
		case "IMAGE":
			u.ImageOutputTokens = count(m.Count)
		}
	}
}
