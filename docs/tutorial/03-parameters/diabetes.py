"""Parameters, a failure, and going on after it.

The table comes with scikit-learn: ten measurements of 442 patients with diabetes, and how far the disease
had progressed a year later.
"""

from flowkit import FlowSpec, Parameter, retry, step


class DiabetesFlow(FlowSpec):
    """Predict the progression of diabetes by ridge regression, and report which penalty predicts best."""

    alphas = Parameter("alphas", default="0.01,0.1,1,10", separator=",", help="Penalties to compare")
    folds = Parameter("folds", default=5, help="Parts that the patients are divided into")
    report = Parameter("report", default="reports/diabetes.txt", help="File that gets the report")

    @step
    def start(self):
        """Read the table."""
        from sklearn.datasets import load_diabetes

        self.patients, self.progression = load_diabetes(return_X_y=True, as_frame=True)
        self.penalties = [float(alpha) for alpha in self.alphas]
        self.next(self.fit, foreach="penalties")

    @retry(times=1)
    @step
    def fit(self):
        """Cross-validate one penalty."""
        from sklearn.linear_model import Ridge
        from sklearn.model_selection import cross_val_score

        self.alpha = self.input
        scores = cross_val_score(Ridge(alpha=self.alpha), self.patients, self.progression, cv=self.folds)
        self.score = float(scores.mean())
        print(f"alpha {self.alpha:g}: R2 = {self.score:.3f}")
        self.next(self.choose)

    @step
    def choose(self, inputs):
        """Keep the best."""
        best = max(inputs, key=lambda each: each.score)
        self.best_alpha, self.best_score = best.alpha, best.score
        self.next(self.write)

    @step
    def write(self):
        """Write the report. This fails where its folder is missing."""
        with open(self.report, "w") as report:
            report.write(
                f"Of {len(self.alphas)} penalties, {self.best_alpha:g} is best (R2 = {self.best_score:.3f}).\n"
            )
        self.next(self.end)

    @step
    def end(self):
        """Say where it is."""
        print(f"the report is in {self.report}")


if __name__ == "__main__":
    DiabetesFlow()
