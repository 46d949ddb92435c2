package tools

import (
	"cmp"
	"slices"
	"strings"
)

// nearest returns up to three of the names that are most like a name that does
// not exist, the best first.
func nearest(name string, names []string) []string {
	const most, farthest, longest = 3, 5, 100
	if len(name) > longest {
		return nil
	}
	type candidate struct {
		name     string
		distance int
	}
	name = strings.ToLower(name)
	var like []candidate
	for _, n := range names {
		lower := strings.ToLower(n)
		distance := editDistance(name, lower)
		if len(name) >= 3 && strings.Contains(lower, name) {
			distance = min(distance, 1) // a part of it
		}
		if distance <= min(farthest, 1+len(name)/3) {
			like = append(like, candidate{n, distance})
		}
	}
	slices.SortFunc(like, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(len(a.name), len(b.name)), cmp.Compare(a.name, b.name))
	})
	like = slices.CompactFunc(like, func(a, b candidate) bool { return a.name == b.name })
	best := make([]string, 0, most)
	for _, c := range like[:min(most, len(like))] {
		best = append(best, c.name)
	}
	return best
}

// editDistance is how many letters must be added, removed or changed to make a
// into b.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			changed := diagonal
			if a[i] != b[j] {
				changed++
			}
			diagonal = row[j+1]
			row[j+1] = min(changed, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
