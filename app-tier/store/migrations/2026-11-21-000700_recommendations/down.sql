DROP VIEW ask_usage, ask_recommendations;
DROP TABLE recommendations, price_reads, prices;
