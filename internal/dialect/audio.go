package dialect

import (
	"bytes"
	"encoding/binary"
	"time"
)

// AudioDuration is how long a recording is: exact for WAV files, and for others
// taken from their size at 128 kbit/s, which is common for MP3 (assumption audio-estimate).
func AudioDuration(audio []byte) time.Duration {
	if len(audio) == 0 {
		return 0
	}
	rate, size := int64(128_000/8), int64(len(audio))
	if r, s, ok := wav(audio); ok {
		rate, size = r, s
	}
	return time.Duration(float64(size) / float64(rate) * float64(time.Second)).Round(time.Millisecond)
}

// wav reads the byte rate and the size of the samples from a RIFF header.
func wav(audio []byte) (rate, size int64, ok bool) {
	if len(audio) < 12 || string(audio[:4]) != "RIFF" || string(audio[8:12]) != "WAVE" {
		return 0, 0, false
	}
	for chunk := audio[12:]; len(chunk) >= 8; {
		name, length := chunk[:4], int64(binary.LittleEndian.Uint32(chunk[4:8]))
		chunk = chunk[8:]
		switch {
		case bytes.Equal(name, []byte("fmt ")) && len(chunk) >= 12:
			rate = int64(binary.LittleEndian.Uint32(chunk[8:12]))
		case bytes.Equal(name, []byte("data")):
			return rate, min(length, int64(len(chunk))), rate > 0
		}
		chunk = chunk[min(length+length%2, int64(len(chunk))):]
	}
	return 0, 0, false
}
