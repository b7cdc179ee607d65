"""Drawing: Vega-Lite in, SVG or PNG out, in processes of their own."""
