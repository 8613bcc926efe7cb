"""What is asked of customers, and what they answer, in SurveyJS's form; no rows, no clock."""
