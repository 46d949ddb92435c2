//go:build !race

package lava_test

const raceEnabled = false
