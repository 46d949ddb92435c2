package dialect

// readElevenLabsUsage reads the length of what was transcribed: the field for
// it, or else the end of the last word.
func readElevenLabsUsage(body []byte) (Usage, bool) {
	var a struct {
		ID       string  `json:"transcription_id"`
		Duration float64 `json:"audio_duration_secs"`
		Words    []struct {
			End float64 `json:"end"`
		} `json:"words"`
	}
	if !decode(body, &a) {
		return Usage{}, false
	}
	u := Usage{ResponseID: a.ID, InputDuration: seconds(a.Duration)}
	if u.InputDuration == 0 && len(a.Words) > 0 {
		u.InputDuration = seconds(a.Words[len(a.Words)-1].End)
	}
	return u, u.InputDuration > 0
}
