"""Two branches that look at one table, and a join that merges what they found.

The table comes with scikit-learn: chemical measurements of 178 Italian wines that were made of grapes of three
cultivars.
"""

from flowkit import FlowSpec, step


class WineStatisticsFlow(FlowSpec):
    """Which measurements tell the cultivars apart, and which of them say the same?"""

    @step
    def start(self):
        """Read the table, and go on with two branches at the same time."""
        from sklearn.datasets import load_wine

        wine = load_wine(as_frame=True)
        self.measurements, self.cultivar = wine.data, wine.target
        self.next(self.variance, self.correlation)

    @step
    def variance(self):
        """How much of each measurement's variance lies between the cultivars (an F statistic)."""
        import pandas
        from sklearn.feature_selection import f_classif

        statistic, _ = f_classif(self.measurements, self.cultivar)
        self.between = pandas.Series(statistic, self.measurements.columns).sort_values(ascending=False)
        self.method = "analysis of variance"
        self.next(self.merge)

    @step
    def correlation(self):
        """Which two measurements go together most."""
        pairs = self.measurements.corr().abs().unstack()
        pairs = pairs[[one < other for one, other in pairs.index]].sort_values(ascending=False)
        self.method = "correlation"
        self.pair, self.strength = pairs.index[0], float(pairs.iloc[0])
        self.next(self.merge)

    @step
    def merge(self, inputs):
        """Take over what the branches set, and what both have from the start.

        Both set self.method, to different values: which is meant must be said, here by leaving it out.
        """
        self.merge_artifacts(inputs, exclude=["method"])
        self.methods = [each.method for each in inputs]
        self.next(self.end)

    @step
    def end(self):
        """Show both."""
        print(f"{len(self.measurements)} wines")
        for name, value in self.between.head(3).items():
            print(f"  {name}: F = {value:.1f}")
        print(f"most alike: {' and '.join(self.pair)} (correlation {self.strength:.2f})")


if __name__ == "__main__":
    WineStatisticsFlow()
