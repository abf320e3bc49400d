"""Which model reads handwritten digits best? A foreach over models and settings, and a join that picks the best.

python examples/digits.py run
python examples/digits.py run --folds 10 --max-workers 4
"""

from flowkit import FlowSpec, Parameter, retry, step


class DigitsFlow(FlowSpec):
    """Compare classifiers on scikit-learn's handwritten digits (1,797 images of 8 x 8 pixels)."""

    folds = Parameter("folds", default=5, help="Parts that the training images are divided into to compare models")
    test_share = Parameter("test-share", default=0.25, help="Share of the images that is kept for the last test")

    @step
    def start(self):
        """Load the images and keep some apart for the last test."""
        from sklearn.datasets import load_digits
        from sklearn.model_selection import train_test_split

        digits = load_digits()
        self.x_train, self.x_test, self.y_train, self.y_test = train_test_split(
            digits.data, digits.target, test_size=self.test_share, random_state=0, stratify=digits.target
        )
        self.candidates = [
            ("logistic regression", {"C": 0.01}),
            ("logistic regression", {"C": 1.0}),
            ("nearest neighbours", {"n_neighbors": 3}),
            ("nearest neighbours", {"n_neighbors": 10}),
            ("support vectors", {"C": 1.0}),
            ("support vectors", {"C": 10.0}),
            ("random forest", {"n_estimators": 100}),
        ]
        self.next(self.train, foreach="candidates")

    @retry(times=1)
    @step
    def train(self):
        """Cross-validate one candidate, then fit it to all training images."""
        from sklearn.model_selection import cross_val_score

        self.kind, self.settings = self.input
        model = make_model(self.kind, self.settings)
        scores = cross_val_score(model, self.x_train, self.y_train, cv=self.folds)
        self.score = float(scores.mean())
        self.spread = float(scores.std())
        self.model = model.fit(self.x_train, self.y_train)
        print(f"{self.kind} {self.settings}: {self.score:.4f} (+- {self.spread:.4f})")
        self.next(self.choose)

    @step
    def choose(self, inputs):
        """Keep the candidate with the best score."""
        self.merge_artifacts(inputs, include=["x_test", "y_test"])
        self.table = sorted(((i.score, i.spread, i.kind, i.settings) for i in inputs), reverse=True, key=lambda r: r[0])
        best = max(inputs, key=lambda candidate: candidate.score)
        self.best, self.settings, self.model = best.kind, best.settings, best.model
        self.next(self.end)

    @step
    def end(self):
        """Test the best model on images that no model has seen."""
        self.accuracy = float(self.model.score(self.x_test, self.y_test))
        print(f"best: {self.best} {self.settings}, accuracy {self.accuracy:.4f} on {len(self.y_test)} unseen images")


def make_model(name: str, settings: dict):
    """The classifier of that name."""
    if name == "logistic regression":
        from sklearn.linear_model import LogisticRegression

        return LogisticRegression(max_iter=2000, **settings)
    if name == "nearest neighbours":
        from sklearn.neighbors import KNeighborsClassifier

        return KNeighborsClassifier(**settings)
    if name == "support vectors":
        from sklearn.svm import SVC

        return SVC(**settings)
    from sklearn.ensemble import RandomForestClassifier

    return RandomForestClassifier(random_state=0, **settings)


if __name__ == "__main__":
    DigitsFlow()
