package dashboard

import (
	"fmt"
	"html/template"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"github.com/lavapayments/lava-go/mockserver"
)

// balanceOf returns the balance after an entry. A float is precise enough for a chart.
func balanceOf(e mockserver.LedgerEntry) float64 {
	f, _ := e.CycleBalance.Add(e.BundleBalance).Float64() // precise to a pixel
	return f
}

// sparkPoints is the maximum number of balances in a sparkline.
const sparkPoints = 40

// sparkline draws the latest balances of a customer. The number is next to it, so it is hidden from screen readers.
func sparkline(balances []decimal.Decimal) template.HTML {
	const width, height = 72.0, 18.0
	if len(balances) < 2 {
		return ""
	}
	points := make([]float64, len(balances))
	low, high := 0.0, 0.0
	for i, b := range balances {
		points[i] = b.InexactFloat64() // precise to a pixel
		low, high = min(low, points[i]), max(high, points[i])
	}
	if high == low {
		high = low + 1
	}
	var path strings.Builder
	for i, p := range points {
		x := 1 + (width-2)*float64(i)/float64(len(points)-1)
		y := 1 + (height-2)*(1-(p-low)/(high-low))
		if i == 0 {
			fmt.Fprintf(&path, "M%.1f %.1f", x, y)
		} else {
			fmt.Fprintf(&path, "H%.1fV%.1f", x, y)
		}
	}
	return template.HTML(fmt.Sprintf(`<svg class="spark" viewBox="0 0 %g %g" width="%g" height="%g" aria-hidden="true"><path d="%s"/></svg>`, width, height, width, height, path.String())) //nolint:gosec // numbers only
}

// chart is a customer's balance over time.
type chart struct {
	Path, Area   string // of the line and of the area below it
	Zero         float64
	HasZero      bool // the zero line is inside the chart, not at its bottom
	Marks        []mark
	Levels       []level
	From, To     string
	Width        float64
	Height       float64
	Left, Bottom float64
}

// level is a balance and its position in the chart.
type level struct {
	Y    float64
	Text string
}

// apart is the minimum distance of levels, so that their labels are readable.
const apart = 16

// mark marks an entry that isn't a charge on the line.
type mark struct {
	X, Y  float64
	Kind  string
	Title string
}

// balanceChart draws the balance in a period, which starts at the balance before.
func balanceChart(before float64, entries []mockserver.LedgerEntry, from, to time.Time) chart {
	c := chart{Width: 900, Height: 180, Left: 0, Bottom: 160}
	low, high := min(0, before), max(0, before)
	for _, e := range entries {
		low, high = min(low, balanceOf(e)), max(high, balanceOf(e))
	}
	if high == low {
		high = low + 1
	}
	span := max(to.Sub(from), time.Millisecond)
	x := func(t time.Time) float64 { return c.Left + (c.Width-c.Left)*float64(t.Sub(from))/float64(span) }
	y := func(balance float64) float64 { return 10 + (c.Bottom-20)*(1-(balance-low)/(high-low)) }
	var line strings.Builder
	fmt.Fprintf(&line, "M%.1f %.1f", c.Left, y(before))
	lastX, lastY := -1.0, 0.0
	for _, e := range entries {
		ex, ey := x(e.At), y(balanceOf(e))
		if ex-lastX >= 0.5 || ey != lastY { // changes on the same pixel are one step
			fmt.Fprintf(&line, "H%.1fV%.1f", ex, ey)
			lastX, lastY = ex, ey
		}
		if e.Kind != mockserver.EntryCharge && len(c.Marks) < 200 {
			c.Marks = append(c.Marks, mark{ex, ey, string(e.Kind), fmt.Sprintf("%s %s, %s", words(string(e.Kind)), money(e.Cycle.Add(e.Bundle)), e.At.UTC().Format(exactTime))})
		}
	}
	fmt.Fprintf(&line, "H%.1f", c.Width)
	c.Path = line.String()
	c.Area = c.Path + fmt.Sprintf("V%.1fH%.1fZ", y(max(low, 0)), c.Left)
	c.Zero, c.HasZero = y(0), low < 0
	for _, balance := range []float64{high, low, 0} {
		at := y(balance)
		if !slices.ContainsFunc(c.Levels, func(l level) bool { return max(l.Y-at, at-l.Y) < apart }) {
			c.Levels = append(c.Levels, level{at, money(decimalOf(balance))})
		}
	}
	c.From, c.To = from.UTC().Format("Jan 2, 2006 15:04"), to.UTC().Format("Jan 2, 2006 15:04")
	return c
}
