"""A table, and a foreach over its groups.

The table comes with scikit-learn: chemical measurements of 178 Italian wines that were made of grapes of three
cultivars.
"""

from flowkit import FlowSpec, step


class WineTableFlow(FlowSpec):
    """Describe the wines of each cultivar, each in a task of its own."""

    @step
    def start(self):
        """Read the table, and go on with one task for each cultivar."""
        from sklearn.datasets import load_wine

        self.table = load_wine(as_frame=True).frame
        self.cultivars = sorted(self.table["target"].unique().tolist())
        print(f"{len(self.table)} wines of {len(self.cultivars)} cultivars")
        self.next(self.describe, foreach="cultivars")

    @step
    def describe(self):
        """One cultivar: self.input is its number."""
        self.cultivar = self.input
        wines = self.table[self.table["target"] == self.cultivar]
        self.count = len(wines)
        self.means = wines.drop(columns="target").mean()
        print(f"cultivar {self.cultivar}: {self.count} wines, {self.means['alcohol']:.2f} % of alcohol")
        self.next(self.compare)

    @step
    def compare(self, inputs):
        """All of them again: inputs has one entry for each task, in the order of the list."""
        import pandas

        self.means = pandas.DataFrame({each.cultivar: each.means for each in inputs})
        self.counts = {each.cultivar: each.count for each in inputs}
        self.next(self.end)

    @step
    def end(self):
        """Show what tells the cultivars apart."""
        print(self.means.loc[["alcohol", "flavanoids", "color_intensity"]].round(2))


if __name__ == "__main__":
    WineTableFlow()
