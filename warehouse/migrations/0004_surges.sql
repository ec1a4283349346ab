-- The two views of a surge, the view that allows for report volume, and what late reports may yet add.
ALTER TABLE out_series ADD COLUMN sudden BOOLEAN DEFAULT false;
ALTER TABLE out_series ADD COLUMN sustained BOOLEAN DEFAULT false;
ALTER TABLE out_series ADD COLUMN p_sudden DOUBLE;
ALTER TABLE out_series ADD COLUMN p_sustained DOUBLE;
ALTER TABLE out_series ADD COLUMN p_offset DOUBLE;
ALTER TABLE out_series ADD COLUMN offset_expected DOUBLE;
ALTER TABLE out_series ADD COLUMN offset_lower DOUBLE;
ALTER TABLE out_series ADD COLUMN offset_upper DOUBLE;
ALTER TABLE out_series ADD COLUMN share_here DOUBLE;
ALTER TABLE out_points ADD COLUMN late_low DOUBLE;
ALTER TABLE out_points ADD COLUMN late_high DOUBLE;
