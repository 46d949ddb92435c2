package dialect

import "strings"

// bedrockUsage is the usage of Bedrock's Converse. As at Anthropic, what was
// read from and written to a cache is apart from the input.
type bedrockUsage struct {
	Input      int64 `json:"inputTokens"`
	Output     int64 `json:"outputTokens"`
	CacheRead  int64 `json:"cacheReadInputTokens"`
	CacheWrite int64 `json:"cacheWriteInputTokens"`
	Details    []struct {
		Lifetime string `json:"ttl"`
		Tokens   int64  `json:"inputTokens"`
	} `json:"cacheDetails"`
}

// bedrockAnswer is a whole answer, and the last event of a stream.
type bedrockAnswer struct {
	Usage       *bedrockUsage `json:"usage"`
	ServiceTier struct {
		Type string `json:"type"`
	} `json:"serviceTier"`
}

func readBedrockUsage(body []byte) (Usage, bool) {
	var a bedrockAnswer
	if !decode(body, &a) {
		return Usage{}, false
	}
	return a.usage(), a.Usage != nil
}

func (a bedrockAnswer) usage() Usage {
	t := a.Usage
	if t == nil {
		return Usage{}
	}
	u := Usage{
		OutputTokens: count(t.Output), CachedTokens: count(t.CacheRead), CacheWriteTokens: count(t.CacheWrite),
		Batch: a.ServiceTier.Type == "flex",
	}
	u.InputTokens = count(t.Input) + u.CachedTokens + u.CacheWriteTokens
	for _, d := range t.Details {
		if d.Lifetime == "1h" {
			u.CacheWrite1hTokens = min(count(d.Tokens), u.CacheWriteTokens)
			u.CacheWriteTokens -= u.CacheWrite1hTokens
		}
	}
	return u
}

// readBedrock reads an event of a stream. Its type is in the frame's header, and
// its usage comes after the message, in the last event.
func (s *Stream) readBedrock(event string, data []byte) Class {
	switch {
	case event == "contentBlockDelta":
		s.text += textLength(data, "text", "input")
	case event == "metadata":
		var a bedrockAnswer
		if decode(data, &a) && a.Usage != nil {
			s.usage, s.reported = a.usage(), true
		}
		return Terminal
	case strings.HasSuffix(event, "Exception"):
		return Failure
	}
	return Content
}
