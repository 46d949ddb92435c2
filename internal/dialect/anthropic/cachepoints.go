package anthropic

import (
	"slices"

	"github.com/lavapayments/lava-go/internal/dialect"
)

// maxCachePoints is the maximum number of cache points in a request: "A maximum of 4 blocks with cache_control may be
// provided. Found 5."
const maxCachePoints = 4

// fitCachePoints drops excess cache points: first the earliest in the conversation, because later ones cover what
// precedes them too, then those of the system prompt and of the tools.
func fitCachePoints(r *dialect.Request) {
	excess := cachePoints(r.System) - maxCachePoints
	for _, m := range r.Messages {
		excess += cachePoints(m.Parts)
	}
	for _, t := range r.Tools {
		if t.Cache != nil {
			excess++
		}
	}
	if excess <= 0 {
		return
	}
	r.Messages = slices.Clone(r.Messages)
	for i := range r.Messages {
		r.Messages[i].Parts = dropCachePoints(r.Messages[i].Parts, &excess)
	}
	r.System = dropCachePoints(r.System, &excess)
	r.Tools = slices.Clone(r.Tools)
	for i := range r.Tools {
		if excess > 0 && r.Tools[i].Cache != nil {
			r.Tools[i].Cache = nil
			excess--
		}
	}
}

// fitHours shortens 1-hour points after 5-minute points: "a ttl='1h' cache_control block must not come after a
// ttl='5m' cache_control block. Note that blocks are processed in the following order: `tools`, `system`,
// `messages`". Extending the others would cost more than the client asked for.
func fitHours(r *dialect.Request) {
	short := false
	shorten := func(p dialect.CachePoint) dialect.CachePoint {
		if short {
			p.TTL = ""
		}
		short = short || p.TTL != "1h"
		return p
	}
	r.Tools = slices.Clone(r.Tools)
	for i := range r.Tools {
		if point := r.Tools[i].Cache; point != nil {
			fitting := shorten(*point)
			r.Tools[i].Cache = &fitting
		}
	}
	r.System = eachCachePoint(r.System, shorten)
	r.Messages = slices.Clone(r.Messages)
	for i := range r.Messages {
		r.Messages[i].Parts = eachCachePoint(r.Messages[i].Parts, shorten)
	}
}

// eachCachePoint edits the cache points among parts.
func eachCachePoint(parts []dialect.Part, edit func(dialect.CachePoint) dialect.CachePoint) []dialect.Part {
	if cachePoints(parts) == 0 {
		return parts
	}
	out := slices.Clone(parts)
	for i, p := range out {
		if point, ok := p.(dialect.CachePoint); ok {
			out[i] = edit(point)
		}
	}
	return out
}

// cachePoints counts the cache points among parts.
func cachePoints(parts []dialect.Part) int {
	n := 0
	for _, p := range parts {
		if _, ok := p.(dialect.CachePoint); ok {
			n++
		}
	}
	return n
}

// dropCachePoints drops the first excess points.
func dropCachePoints(parts []dialect.Part, excess *int) []dialect.Part {
	var out []dialect.Part
	for _, p := range parts {
		if _, ok := p.(dialect.CachePoint); ok && *excess > 0 {
			*excess--
			continue
		}
		out = append(out, p)
	}
	return out
}
