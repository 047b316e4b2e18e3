BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('v3.2.0.a');
CREATE TABLE studies (
	study_id INTEGER NOT NULL, 
	study_name VARCHAR(512) NOT NULL, 
	PRIMARY KEY (study_id)
);
INSERT INTO "studies" VALUES(1,'kept');
CREATE TABLE study_directions (
	study_direction_id INTEGER NOT NULL, 
	direction VARCHAR(8) NOT NULL, 
	study_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	PRIMARY KEY (study_direction_id), 
	UNIQUE (study_id, objective), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_directions" VALUES(1,'MINIMIZE',1,0);
CREATE TABLE study_system_attributes (
	study_system_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_system_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
CREATE TABLE study_user_attributes (
	study_user_attribute_id INTEGER NOT NULL, 
	study_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (study_user_attribute_id), 
	UNIQUE (study_id, "key"), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "study_user_attributes" VALUES(1,1,'version','{"number": 3, "written_by": "autoresearch 0.1.0 (443f59078acfcd79660e93d7420067f705fe078f)"}');
INSERT INTO "study_user_attributes" VALUES(2,1,'settings','{"track": "random_teacher", "objective": "final", "budget": 14, "seed": 0, "seeds": 13, "scale": "small", "sampler": "tpe", "recipes": true, "ladder": [], "tuned": null, "device": "cpu", "official_device": "cpu", "track_file": null, "track_digest": null, "min_effect": 0.0}');
INSERT INTO "study_user_attributes" VALUES(3,1,'overrides','{"commit": false, "name": "winner"}');
INSERT INTO "study_user_attributes" VALUES(4,1,'costs','{"search": {"wall_s": 14.781689477000327, "cpu_s": 6.089999999999999, "gpu_s": 0.0}, "confirm": {"wall_s": 1.2649735869999859, "cpu_s": 0.6699999999999999, "gpu_s": 0.0}, "ablate": {"wall_s": 5.109427425006288, "cpu_s": 2.4700000000000024, "gpu_s": 0.0}, "compare": {"wall_s": 13.05790270199941, "cpu_s": 10.64, "gpu_s": 0.0}, "publish": {"wall_s": 0.03714402299374342, "cpu_s": 0.00999999999999801, "gpu_s": 0.0}, "done": {"wall_s": 0.014832501001365017, "cpu_s": 0.00999999999999801, "gpu_s": 0.0}}');
INSERT INTO "study_user_attributes" VALUES(5,1,'stage','"done"');
INSERT INTO "study_user_attributes" VALUES(6,1,'comparison a940ada055a1e8ccbc12f24a4ae566803747a6093a67f239003c075e9e2eea72/e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b','{"challenger": "a940ada055a1e8ccbc12f24a4ae566803747a6093a67f239003c075e9e2eea72", "opponent": "e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b", "key": "2a1e84ce0aa9204e017b298e84f955a9ed33baacb3d4ada3adead9c62c67ae50"}');
INSERT INTO "study_user_attributes" VALUES(7,1,'comparison 77230f8507ca4b2fa9cfc2ea1806c86107ed966ed70ded1ebe6783648e799feb/e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b','{"challenger": "77230f8507ca4b2fa9cfc2ea1806c86107ed966ed70ded1ebe6783648e799feb", "opponent": "e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b", "key": "64d4075eddc6cc9bd903f58cc8f693887fa559b051376329cfdbdf79d4529c5b"}');
CREATE TABLE trial_heartbeats (
	trial_heartbeat_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	heartbeat DATETIME NOT NULL, 
	PRIMARY KEY (trial_heartbeat_id), 
	UNIQUE (trial_id), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_intermediate_values (
	trial_intermediate_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	step INTEGER NOT NULL, 
	intermediate_value FLOAT, 
	intermediate_value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_intermediate_value_id), 
	UNIQUE (trial_id, step), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
CREATE TABLE trial_params (
	param_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	param_name VARCHAR(512), 
	param_value FLOAT, 
	distribution_json TEXT, 
	PRIMARY KEY (param_id), 
	UNIQUE (trial_id, param_name), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_params" VALUES(1,1,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(2,1,'coordinates.used',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(3,1,'vectors.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(4,1,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(5,1,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(6,1,'momentum',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(7,1,'momentum.ema.beta',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(8,1,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(9,1,'direction but comp_muon, comp_muon_adaptive',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(10,1,'direction.adam.beta2',1.00000000000000088817e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(11,1,'direction.adam.eps',1.0e-08,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-12, "high": 0.0001, "log": true}}');
INSERT INTO "trial_params" VALUES(12,1,'blend.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(13,1,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(14,1,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(15,1,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(16,1,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(17,1,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(18,1,'schedule.used',0.925,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(19,1,'schedule.lr',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(20,1,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(21,1,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(22,1,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(23,2,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(24,2,'coordinates.used',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(25,2,'vectors.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(26,2,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(27,2,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(28,2,'momentum',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(29,2,'momentum.ema.beta',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(30,2,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(31,2,'direction but comp_muon, comp_muon_adaptive',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(32,2,'direction.adam.beta2',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(33,2,'direction.adam.eps',1.0e-08,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-12, "high": 0.0001, "log": true}}');
INSERT INTO "trial_params" VALUES(34,2,'blend.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(35,2,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(36,2,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(37,2,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(38,2,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(39,2,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(40,2,'schedule.used',0.925,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(41,2,'schedule.lr',0.05,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(42,2,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(43,2,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(44,2,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(45,3,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(46,3,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(47,3,'coordinates',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(48,3,'temperature.used',0.35,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(49,3,'temperature',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["own_step"]}}');
INSERT INTO "trial_params" VALUES(50,3,'temperature.own_step.rate',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(51,3,'temperature.own_step.momentum',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.1, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(52,3,'vectors.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(53,3,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(54,3,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(55,3,'momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(56,3,'momentum.nesterov.beta',1.99999999999999955591e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(57,3,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(58,3,'direction but comp_muon, comp_muon_adaptive',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(59,3,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(60,3,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(61,3,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(62,3,'magnitude.used',0.1,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(63,3,'magnitude but gradient_norm, hyperball, row_norm',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["trust_ratio", "ratio_floor", "natural", "first_descent"]}}');
INSERT INTO "trial_params" VALUES(64,3,'steps.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(65,3,'steps',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["by_side"]}}');
INSERT INTO "trial_params" VALUES(66,3,'steps.by_side.scores',0.245,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-06, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(67,3,'steps.by_side.values',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(68,3,'steps.by_side.ramp.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(69,3,'steps.by_side.ramp_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(70,3,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(71,3,'schedule.used',0.925,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(72,3,'schedule.raw.lr',0.078,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 30.0, "log": true}}');
INSERT INTO "trial_params" VALUES(73,3,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(74,3,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(75,3,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(76,4,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(77,4,'coordinates.used',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(78,4,'vectors.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(79,4,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(80,4,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(81,4,'momentum',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(82,4,'momentum.lookahead.blend',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(83,4,'momentum.lookahead.beta',1.00000000000000088817e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(84,4,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(85,4,'direction but comp_muon, comp_muon_adaptive',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(86,4,'blend.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(87,4,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(88,4,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(89,4,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(90,4,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(91,4,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(92,4,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(93,4,'schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(94,4,'schedule.lr',0.008,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(95,4,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(96,4,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(97,4,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(98,5,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(99,5,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(100,5,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(101,5,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(102,5,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(103,5,'vectors.adam.rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(104,5,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(105,5,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(106,5,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(107,5,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(108,5,'momentum',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(109,5,'momentum.lookahead.blend',9.75000000000000310862e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(110,5,'momentum.lookahead.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(111,5,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(112,5,'direction',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(113,5,'blend.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(114,5,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(115,5,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(116,5,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(117,5,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(118,5,'steps.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(119,5,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(120,5,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(121,5,'schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(122,5,'schedule.lr',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(123,5,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(124,5,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(125,5,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(126,6,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(127,6,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(128,6,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(129,6,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(130,6,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(131,6,'vectors.adam.rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(132,6,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(133,6,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(134,6,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(135,6,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(136,6,'momentum',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(137,6,'momentum.lookahead.blend',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(138,6,'momentum.lookahead.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(139,6,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(140,6,'direction',6.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(141,6,'direction.normuon.beta2',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(142,6,'blend.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(143,6,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(144,6,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(145,6,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(146,6,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(147,6,'steps.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(148,6,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(149,6,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(150,6,'schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(151,6,'schedule.lr',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(152,6,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(153,6,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(154,6,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(155,7,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(156,7,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(157,7,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(158,7,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(159,7,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(160,7,'vectors.adam.rate',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(161,7,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(162,7,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(163,7,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(164,7,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(165,7,'momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(166,7,'momentum.nesterov.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(167,7,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(168,7,'direction',7.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(169,7,'direction.comp_muon.damping',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(170,7,'direction.comp_muon.damping_end.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(171,7,'direction.comp_muon.damping_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(172,7,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(173,7,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(174,7,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(175,7,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(176,7,'steps.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(177,7,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(178,7,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(179,7,'schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(180,7,'schedule.lr',0.004419,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(181,7,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(182,7,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(183,7,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(184,8,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(185,8,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(186,8,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(187,8,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(188,8,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(189,8,'vectors.adam.rate',0.0003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(190,8,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(191,8,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(192,8,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(193,8,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(194,8,'momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(195,8,'momentum.nesterov.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(196,8,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(197,8,'direction',7.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(198,8,'direction.comp_muon.damping',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(199,8,'direction.comp_muon.damping_end.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(200,8,'direction.comp_muon.damping_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(201,8,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(202,8,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(203,8,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(204,8,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(205,8,'steps.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(206,8,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(207,8,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(208,8,'schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(209,8,'schedule.lr',0.06629,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(210,8,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(211,8,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(212,8,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(213,9,'averaging.used',0.125,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(214,9,'averaging',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "tail_ema", "lawa", "coherent"]}}');
INSERT INTO "trial_params" VALUES(215,9,'averaging.tail_ema.start',0.8125,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(216,9,'averaging.tail_ema.decay',4.00000000000000355271e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(217,9,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(218,9,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(219,9,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(220,9,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(221,9,'vectors.adam.rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(222,9,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(223,9,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(224,9,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(225,9,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(226,9,'momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(227,9,'momentum.nesterov.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(228,9,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(229,9,'direction',7.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(230,9,'direction.comp_muon.damping',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(231,9,'direction.comp_muon.damping_end.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(232,9,'direction.comp_muon.damping_end',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(233,9,'direction.comp_muon.damping_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(234,9,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(235,9,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(236,9,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(237,9,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(238,9,'steps.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(239,9,'steps',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["by_side"]}}');
INSERT INTO "trial_params" VALUES(240,9,'steps.by_side.scores',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-06, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(241,9,'steps.by_side.values',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(242,9,'steps.by_side.ramp.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(243,9,'steps.by_side.ramp',1.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.1, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(244,9,'steps.by_side.ramp_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(245,9,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(246,9,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(247,9,'schedule',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(248,9,'schedule.lr',0.1348,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(249,9,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(250,9,'schedule.floor.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(251,9,'schedule.floor',0.000656,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(252,9,'schedule.lognormal.peak',0.1025,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.005, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(253,9,'schedule.lognormal.sigma',0.63,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.2, "high": 2.0, "log": false}}');
INSERT INTO "trial_params" VALUES(254,9,'phases',0.15,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(255,9,'2.from',0.675,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.8, "log": true}}');
INSERT INTO "trial_params" VALUES(256,9,'2.coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(257,9,'2.coordinates',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(258,9,'2.vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(259,9,'2.vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(260,9,'2.vectors.adam.rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(261,9,'2.vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(262,9,'2.vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(263,9,'2.treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(264,9,'2.momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(265,9,'2.momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(266,9,'2.momentum.nesterov.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(267,9,'2.direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(268,9,'2.direction',7.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(269,9,'2.direction.comp_muon.damping',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(270,9,'2.direction.comp_muon.damping_end.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(271,9,'2.direction.comp_muon.damping_end',0.01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(272,9,'2.direction.comp_muon.damping_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(273,9,'2.memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(274,9,'2.damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(275,9,'2.mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(276,9,'2.magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(277,9,'2.steps.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(278,9,'2.steps',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["by_side"]}}');
INSERT INTO "trial_params" VALUES(279,9,'2.steps.by_side.scores',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-06, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(280,9,'2.steps.by_side.values',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(281,9,'2.steps.by_side.ramp.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(282,9,'2.steps.by_side.ramp',1.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.1, "high": 10.0, "log": true}}');
INSERT INTO "trial_params" VALUES(283,9,'2.steps.by_side.ramp_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(284,9,'2.decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(285,9,'2.schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(286,9,'2.schedule',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(287,9,'2.schedule.lr',0.1348,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(288,9,'2.schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(289,9,'2.schedule.floor.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(290,9,'2.schedule.floor',0.000656,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(291,9,'2.schedule.lognormal.peak',0.1025,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.005, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(292,9,'2.schedule.lognormal.sigma',0.63,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.2, "high": 2.0, "log": false}}');
INSERT INTO "trial_params" VALUES(293,10,'averaging.used',0.125,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(294,10,'averaging',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "tail_ema", "lawa", "coherent"]}}');
INSERT INTO "trial_params" VALUES(295,10,'averaging.coherent.start',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(296,10,'averaging.coherent.decay',4.00000000000000355271e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(297,10,'averaging.coherent.pull',0.03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(298,10,'coordinates.used',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(299,10,'vectors.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(300,10,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(301,10,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(302,10,'momentum',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(303,10,'momentum.lookahead.blend',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(304,10,'momentum.lookahead.beta',1.00000000000000088817e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(305,10,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(306,10,'direction but comp_muon, comp_muon_adaptive',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(307,10,'blend.used',0.05,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(308,10,'blend',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["shampoo", "adam"]}}');
INSERT INTO "trial_params" VALUES(309,10,'blend.shampoo.share',0.15,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(310,10,'blend.shampoo.start',0.525,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(311,10,'memory.used',0.05,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(312,10,'memory',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["slow"]}}');
INSERT INTO "trial_params" VALUES(313,10,'memory.slow.share',0.015,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(314,10,'memory.slow.beta',2.00000000000000177635e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(315,10,'damping.used',0.05,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(316,10,'damping',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["curvature"]}}');
INSERT INTO "trial_params" VALUES(317,10,'damping.curvature.strength',0.35,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 3.0, "log": true}}');
INSERT INTO "trial_params" VALUES(318,10,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(319,10,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(320,10,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(321,10,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(322,10,'schedule',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(323,10,'schedule.lr',0.008,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(324,10,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(325,10,'schedule.floor.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(326,10,'schedule.floor',0.02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(327,10,'schedule.wsd.decay',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(328,10,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(329,11,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(330,11,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(331,11,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(332,11,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(333,11,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(334,11,'vectors.adam.rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(335,11,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(336,11,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(337,11,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(338,11,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(339,11,'momentum',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(340,11,'momentum.ema.beta',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(341,11,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(342,11,'direction',10.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(343,11,'direction.soap.beta2',5.00000000000000444089e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(344,11,'direction.soap.eps',1.0e-08,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-12, "high": 0.0001, "log": true}}');
INSERT INTO "trial_params" VALUES(345,11,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(346,11,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(347,11,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(348,11,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(349,11,'steps.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(350,11,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(351,11,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(352,11,'schedule',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(353,11,'schedule.lr',0.02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(354,11,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(355,11,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(356,11,'phases',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(357,12,'averaging.used',0.625,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(358,12,'coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(359,12,'coordinates',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(360,12,'vectors.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(361,12,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(362,12,'vectors.adam.rate',0.003,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(363,12,'vectors.adam.beta1',9.99999999999999777955e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(364,12,'vectors.adam.beta2',1.00000000000000088817e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(365,12,'treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(366,12,'momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(367,12,'momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(368,12,'momentum.nesterov.beta',1.50000000000000022204e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(369,12,'direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(370,12,'direction',7.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(371,12,'direction.comp_muon.damping',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(372,12,'direction.comp_muon.damping_end.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(373,12,'direction.comp_muon.damping_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(374,12,'memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(375,12,'damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(376,12,'mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(377,12,'magnitude.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(378,12,'steps.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(379,12,'decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(380,12,'schedule.used',0.425,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(381,12,'schedule',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(382,12,'schedule.lr',0.2386,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(383,12,'schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(384,12,'schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(385,12,'schedule.lognormal.peak',0.0275,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.005, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(386,12,'schedule.lognormal.sigma',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.2, "high": 2.0, "log": false}}');
INSERT INTO "trial_params" VALUES(387,12,'phases',0.15,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(388,12,'2.from',0.15,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.8, "log": true}}');
INSERT INTO "trial_params" VALUES(389,12,'2.coordinates.used',0.3,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(390,12,'2.coordinates',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(391,12,'2.temperature.used',0.35,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(392,12,'2.temperature',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["own_step"]}}');
INSERT INTO "trial_params" VALUES(393,12,'2.temperature.own_step.rate',0.001,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(394,12,'2.temperature.own_step.momentum',0.8,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.1, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(395,12,'2.vectors.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(396,12,'2.treatment.used',0.6,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(397,12,'2.momentum.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(398,12,'2.momentum',3.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(399,12,'2.momentum.nesterov.beta',1.99999999999999955591e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(400,12,'2.direction.used',0.475,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(401,12,'2.direction but comp_muon, comp_muon_adaptive',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(402,12,'2.memory.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(403,12,'2.damping.used',0.55,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(404,12,'2.mask.used',0.575,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(405,12,'2.magnitude.used',0.1,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(406,12,'2.magnitude but gradient_norm, hyperball, row_norm',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["trust_ratio", "ratio_floor", "natural", "first_descent"]}}');
INSERT INTO "trial_params" VALUES(407,12,'2.steps.used',0.2,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(408,12,'2.steps',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["by_side"]}}');
INSERT INTO "trial_params" VALUES(409,12,'2.steps.by_side.scores',0.22,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-06, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(410,12,'2.steps.by_side.values',1.0,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(411,12,'2.steps.by_side.ramp.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(412,12,'2.steps.by_side.ramp_from',0.75,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(413,12,'2.decay.used',0.65,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(414,12,'2.schedule.used',0.925,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(415,12,'2.schedule.raw.lr',0.078,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 30.0, "log": true}}');
INSERT INTO "trial_params" VALUES(416,12,'2.schedule.warmup.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(417,12,'2.schedule.floor.used',0.7,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(418,13,'averaging.used',4.46963088682870601786e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(419,13,'coordinates.used',5.39417394210733536219e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(420,13,'coordinates',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(421,13,'vectors.used',0.702281941374959,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(422,13,'treatment.used',9.6233475166751636376e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(423,13,'momentum.used',5.1520727330781312947e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(424,13,'momentum',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(425,13,'momentum.ema.beta',2.03816526155867813047e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(426,13,'direction.used',2.66883018298103236176e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(427,13,'direction',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "comp_muon", "comp_muon_adaptive", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(428,13,'blend.used',9.74752862305006240184e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(429,13,'memory.used',4.57092773794236295614e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(430,13,'damping.used',4.76282430665105227518e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(431,13,'mask.used',5.20611582354177482301e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(432,13,'magnitude.used',0.642891498488529,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(433,13,'steps.used',9.71339996906127156606e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(434,13,'decay.used',4.37903476830628912708e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(435,13,'schedule.used',7.59006448730597527152e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(436,13,'schedule',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cosine", "linear", "wsd", "lognormal", "power_law"]}}');
INSERT INTO "trial_params" VALUES(437,13,'schedule.lr',6.88651983747173290772e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(438,13,'schedule.warmup.used',7.45255501180664303717e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(439,13,'schedule.floor.used',0.516527035130891,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(440,13,'phases',7.24186560399094125806e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(441,14,'averaging.used',7.82235339831605647198e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(442,14,'coordinates.used',0.508863273842546,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(443,14,'coordinates',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "balanced", "product"]}}');
INSERT INTO "trial_params" VALUES(444,14,'temperature.used',9.34327046326372423479e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(445,14,'vectors.used',4.66807455230215828656e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(446,14,'treatment.used',6.67269399602087420753e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(447,14,'momentum.used',5.30839792517826758455e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(448,14,'momentum',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(449,14,'momentum.ema.beta',0.552530534262505,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(450,14,'direction.used',6.18489438607530250813e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(451,14,'direction but comp_muon, comp_muon_adaptive',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(452,14,'direction.adam.beta2',3.85496976663022739018e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(453,14,'direction.adam.eps',3.90437652208387839924e-09,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-12, "high": 0.0001, "log": true}}');
INSERT INTO "trial_params" VALUES(454,14,'blend.used',5.93876116872957271475e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(455,14,'blend but adam',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["shampoo"]}}');
INSERT INTO "trial_params" VALUES(456,14,'blend.shampoo.share',1.30432643994582916913e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(457,14,'blend.shampoo.start',4.00595675478865320684e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(458,14,'memory.used',2.60911903892101892932e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(459,14,'damping.used',2.76704658325509778027e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(460,14,'mask.used',6.41269137436434766286e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(461,14,'magnitude.used',9.14371770313679776975e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(462,14,'steps.used',4.69943317275845484637e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(463,14,'steps',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["by_side"]}}');
INSERT INTO "trial_params" VALUES(464,14,'steps.by_side.scores',1.5206045641855151806e-06,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-06, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(465,14,'steps.by_side.values',1.21522540520150861692e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 100.0, "log": true}}');
INSERT INTO "trial_params" VALUES(466,14,'steps.by_side.ramp.used',9.79596402315599856791e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(467,14,'steps.by_side.ramp_from',5.48043373076867457172e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 0.9, "log": false}}');
INSERT INTO "trial_params" VALUES(468,14,'decay.used',8.60731842618264630928e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(469,14,'schedule.used',8.94031903073218447985e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(470,14,'schedule.lr',0.893396016195112,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(471,14,'schedule.warmup.used',4.66229849364261372812e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(472,14,'schedule.floor.used',7.25947309175433708183e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(473,14,'phases',7.40930933011257231157e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_system_attributes" VALUES(1,1,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.8, "vectors.used": 0.7, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "ema", "momentum.ema.beta": 0.09999999999999998, "direction.used": 0.475, "direction but comp_muon, comp_muon_adaptive": "adam", "direction.adam.beta2": 0.010000000000000009, "direction.adam.eps": 1e-08, "blend.used": 0.55, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "decay.used": 0.65, "schedule.used": 0.925, "schedule.lr": 0.01, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(2,2,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.8, "vectors.used": 0.7, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "ema", "momentum.ema.beta": 0.09999999999999998, "direction.used": 0.475, "direction but comp_muon, comp_muon_adaptive": "adam", "direction.adam.beta2": 0.09999999999999998, "direction.adam.eps": 1e-08, "blend.used": 0.55, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "decay.used": 0.65, "schedule.used": 0.925, "schedule.lr": 0.05, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(3,3,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "product", "temperature.used": 0.35, "temperature": "own_step", "temperature.own_step.rate": 0.001, "temperature.own_step.momentum": 0.8, "vectors.used": 0.7, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "nesterov", "momentum.nesterov.beta": 0.19999999999999996, "direction.used": 0.475, "direction but comp_muon, comp_muon_adaptive": "raw", "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.1, "magnitude but gradient_norm, hyperball, row_norm": "natural", "steps.used": 0.2, "steps": "by_side", "steps.by_side.scores": 0.245, "steps.by_side.values": 1.0, "steps.by_side.ramp.used": 0.7, "steps.by_side.ramp_from": 0.75, "decay.used": 0.65, "schedule.used": 0.925, "schedule.raw.lr": 0.078, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(4,4,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.8, "vectors.used": 0.7, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "lookahead", "momentum.lookahead.blend": 0.09999999999999998, "momentum.lookahead.beta": 0.010000000000000009, "direction.used": 0.475, "direction but comp_muon, comp_muon_adaptive": "sign", "blend.used": 0.55, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "cosine", "schedule.lr": 0.008, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(5,5,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "lookahead", "momentum.lookahead.blend": 0.09750000000000003, "momentum.lookahead.beta": 0.050000000000000044, "direction.used": 0.475, "direction": "muon", "blend.used": 0.55, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.7, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "cosine", "schedule.lr": 0.01, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(6,6,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "lookahead", "momentum.lookahead.blend": 0.050000000000000044, "momentum.lookahead.beta": 0.050000000000000044, "direction.used": 0.475, "direction": "normuon", "direction.normuon.beta2": 0.050000000000000044, "blend.used": 0.55, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.7, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "cosine", "schedule.lr": 0.01, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(7,7,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.0003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "nesterov", "momentum.nesterov.beta": 0.050000000000000044, "direction.used": 0.475, "direction": "comp_muon", "direction.comp_muon.damping": 0.01, "direction.comp_muon.damping_end.used": 0.7, "direction.comp_muon.damping_from": 0.75, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.7, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "cosine", "schedule.lr": 0.004419, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(8,8,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.0003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "nesterov", "momentum.nesterov.beta": 0.050000000000000044, "direction.used": 0.475, "direction": "comp_muon", "direction.comp_muon.damping": 1.0, "direction.comp_muon.damping_end.used": 0.7, "direction.comp_muon.damping_from": 0.75, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.7, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "cosine", "schedule.lr": 0.06629, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(9,9,'fixed_params','{"averaging.used": 0.125, "averaging": "tail_ema", "averaging.tail_ema.start": 0.8125, "averaging.tail_ema.decay": 0.040000000000000036, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "nesterov", "momentum.nesterov.beta": 0.050000000000000044, "direction.used": 0.475, "direction": "comp_muon", "direction.comp_muon.damping": 1.0, "direction.comp_muon.damping_end.used": 0.2, "direction.comp_muon.damping_end": 0.01, "direction.comp_muon.damping_from": 0.75, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.2, "steps": "by_side", "steps.by_side.scores": 1.0, "steps.by_side.values": 1.0, "steps.by_side.ramp.used": 0.2, "steps.by_side.ramp": 1.75, "steps.by_side.ramp_from": 0.75, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "lognormal", "schedule.lr": 0.1348, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.2, "schedule.floor": 0.000656, "schedule.lognormal.peak": 0.1025, "schedule.lognormal.sigma": 0.63, "phases": 0.15, "2.from": 0.675, "2.coordinates.used": 0.3, "2.coordinates": "balanced", "2.vectors.used": 0.2, "2.vectors": "adam", "2.vectors.adam.rate": 0.003, "2.vectors.adam.beta1": 0.09999999999999998, "2.vectors.adam.beta2": 0.0010000000000000009, "2.treatment.used": 0.6, "2.momentum.used": 0.475, "2.momentum": "nesterov", "2.momentum.nesterov.beta": 0.050000000000000044, "2.direction.used": 0.475, "2.direction": "comp_muon", "2.direction.comp_muon.damping": 1.0, "2.direction.comp_muon.damping_end.used": 0.2, "2.direction.comp_muon.damping_end": 0.01, "2.direction.comp_muon.damping_from": 0.75, "2.memory.used": 0.55, "2.damping.used": 0.55, "2.mask.used": 0.575, "2.magnitude.used": 0.6, "2.steps.used": 0.2, "2.steps": "by_side", "2.steps.by_side.scores": 1.0, "2.steps.by_side.values": 1.0, "2.steps.by_side.ramp.used": 0.2, "2.steps.by_side.ramp": 1.75, "2.steps.by_side.ramp_from": 0.75, "2.decay.used": 0.65, "2.schedule.used": 0.425, "2.schedule": "lognormal", "2.schedule.lr": 0.1348, "2.schedule.warmup.used": 0.7, "2.schedule.floor.used": 0.2, "2.schedule.floor": 0.000656, "2.schedule.lognormal.peak": 0.1025, "2.schedule.lognormal.sigma": 0.63}');
INSERT INTO "trial_system_attributes" VALUES(10,10,'fixed_params','{"averaging.used": 0.125, "averaging": "coherent", "averaging.coherent.start": 0.8, "averaging.coherent.decay": 0.040000000000000036, "averaging.coherent.pull": 0.03, "coordinates.used": 0.8, "vectors.used": 0.7, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "lookahead", "momentum.lookahead.blend": 0.09999999999999998, "momentum.lookahead.beta": 0.010000000000000009, "direction.used": 0.475, "direction but comp_muon, comp_muon_adaptive": "sign", "blend.used": 0.05, "blend": "shampoo", "blend.shampoo.share": 0.15, "blend.shampoo.start": 0.525, "memory.used": 0.05, "memory": "slow", "memory.slow.share": 0.015, "memory.slow.beta": 0.020000000000000018, "damping.used": 0.05, "damping": "curvature", "damping.curvature.strength": 0.35, "mask.used": 0.575, "magnitude.used": 0.6, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "wsd", "schedule.lr": 0.008, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.2, "schedule.floor": 0.02, "schedule.wsd.decay": 0.6, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(11,11,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "ema", "momentum.ema.beta": 0.050000000000000044, "direction.used": 0.475, "direction": "soap", "direction.soap.beta2": 0.050000000000000044, "direction.soap.eps": 1e-08, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.7, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "cosine", "schedule.lr": 0.02, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "phases": 0.65}');
INSERT INTO "trial_system_attributes" VALUES(12,12,'fixed_params','{"averaging.used": 0.625, "coordinates.used": 0.3, "coordinates": "factors", "vectors.used": 0.2, "vectors": "adam", "vectors.adam.rate": 0.003, "vectors.adam.beta1": 0.09999999999999998, "vectors.adam.beta2": 0.0010000000000000009, "treatment.used": 0.6, "momentum.used": 0.475, "momentum": "nesterov", "momentum.nesterov.beta": 0.15000000000000002, "direction.used": 0.475, "direction": "comp_muon", "direction.comp_muon.damping": 1.0, "direction.comp_muon.damping_end.used": 0.7, "direction.comp_muon.damping_from": 0.75, "memory.used": 0.55, "damping.used": 0.55, "mask.used": 0.575, "magnitude.used": 0.6, "steps.used": 0.7, "decay.used": 0.65, "schedule.used": 0.425, "schedule": "lognormal", "schedule.lr": 0.2386, "schedule.warmup.used": 0.7, "schedule.floor.used": 0.7, "schedule.lognormal.peak": 0.0275, "schedule.lognormal.sigma": 0.6, "phases": 0.15, "2.from": 0.15, "2.coordinates.used": 0.3, "2.coordinates": "product", "2.temperature.used": 0.35, "2.temperature": "own_step", "2.temperature.own_step.rate": 0.001, "2.temperature.own_step.momentum": 0.8, "2.vectors.used": 0.7, "2.treatment.used": 0.6, "2.momentum.used": 0.475, "2.momentum": "nesterov", "2.momentum.nesterov.beta": 0.19999999999999996, "2.direction.used": 0.475, "2.direction but comp_muon, comp_muon_adaptive": "raw", "2.memory.used": 0.55, "2.damping.used": 0.55, "2.mask.used": 0.575, "2.magnitude.used": 0.1, "2.magnitude but gradient_norm, hyperball, row_norm": "natural", "2.steps.used": 0.2, "2.steps": "by_side", "2.steps.by_side.scores": 0.22, "2.steps.by_side.values": 1.0, "2.steps.by_side.ramp.used": 0.7, "2.steps.by_side.ramp_from": 0.75, "2.decay.used": 0.65, "2.schedule.used": 0.925, "2.schedule.raw.lr": 0.078, "2.schedule.warmup.used": 0.7, "2.schedule.floor.used": 0.7}');
INSERT INTO "trial_system_attributes" VALUES(13,13,'tpe:relative_params:0','"{\"averaging.used\": 0.4469630886828706, \"coordinates.used\": 0.5394173942107335, \"damping.used\": 0.4762824306651052, \"decay.used\": 0.4379034768306289, \"direction.used\": 0.26688301829810324, \"magnitude.used\": 0.642891498488529, \"mask.used\": 0.5206115823541775, \"memory.used\": 0.4570927737942363, \"momentum\": \"ema\", \"momentum.used\": 0.5152072733078131, \"phases\": 0.7241865603990941, \"schedule.floor.used\": 0.516527035130891, \"schedule.used\": 0.7590064487305975, \"schedule.warmup.used\": 0.7452555011806643, \"treatment.used\": 0.9623347516675164, \"vectors.used\": 0.702281941374959}"');
INSERT INTO "trial_system_attributes" VALUES(14,14,'tpe:relative_params:0','"{\"averaging.used\": 0.7822353398316056, \"coordinates.used\": 0.508863273842546, \"damping.used\": 0.2767046583255098, \"decay.used\": 0.8607318426182646, \"direction.used\": 0.6184894386075303, \"magnitude.used\": 0.9143717703136798, \"mask.used\": 0.6412691374364348, \"memory.used\": 0.2609119038921019, \"momentum\": \"ema\", \"momentum.used\": 0.5308397925178268, \"phases\": 0.7409309330112572, \"schedule.floor.used\": 0.7259473091754337, \"schedule.used\": 0.8940319030732184, \"schedule.warmup.used\": 0.4662298493642614, \"treatment.used\": 0.6672693996020874, \"vectors.used\": 0.46680745523021583}"');
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'queued','{"origin": "recipe", "label": "adamw"}');
INSERT INTO "trial_user_attributes" VALUES(2,2,'queued','{"origin": "recipe", "label": "adamw_fast"}');
INSERT INTO "trial_user_attributes" VALUES(3,3,'queued','{"origin": "recipe", "label": "product_space"}');
INSERT INTO "trial_user_attributes" VALUES(4,4,'queued','{"origin": "recipe", "label": "lion"}');
INSERT INTO "trial_user_attributes" VALUES(5,5,'queued','{"origin": "recipe", "label": "muon"}');
INSERT INTO "trial_user_attributes" VALUES(6,6,'queued','{"origin": "recipe", "label": "normuon"}');
INSERT INTO "trial_user_attributes" VALUES(7,7,'queued','{"origin": "recipe", "label": "comp_muon"}');
INSERT INTO "trial_user_attributes" VALUES(8,8,'queued','{"origin": "recipe", "label": "adaptive_cm"}');
INSERT INTO "trial_user_attributes" VALUES(9,9,'queued','{"origin": "recipe", "label": "cm_tail_ema"}');
INSERT INTO "trial_user_attributes" VALUES(10,10,'queued','{"origin": "recipe", "label": "shampoo_lion"}');
INSERT INTO "trial_user_attributes" VALUES(11,11,'queued','{"origin": "recipe", "label": "soap"}');
INSERT INTO "trial_user_attributes" VALUES(12,12,'queued','{"origin": "recipe", "label": "cm_product_space"}');
INSERT INTO "trial_user_attributes" VALUES(13,1,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(14,1,'proposal','{"origin": "recipe", "label": "adamw", "digest": "9f325843f25db2477464e33cdb73741338049ea014b0c3c93b583ff8e18fa125", "spec": {"phases": [{"from": 0.0, "momentum": {"part": "ema", "beta": 0.9}, "direction": {"part": "adam", "beta2": 0.99, "eps": 1e-08}, "schedule": {"part": "constant", "lr": 0.01, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(15,2,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(16,2,'proposal','{"origin": "recipe", "label": "adamw_fast", "digest": "a940ada055a1e8ccbc12f24a4ae566803747a6093a67f239003c075e9e2eea72", "spec": {"phases": [{"from": 0.0, "momentum": {"part": "ema", "beta": 0.9}, "direction": {"part": "adam", "beta2": 0.9, "eps": 1e-08}, "schedule": {"part": "constant", "lr": 0.05, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(17,3,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(18,3,'proposal','{"origin": "recipe", "label": "product_space", "digest": "b0d847feeeaff397dfe0e1c7af65a7fcecc92f28b75d37fb86aaa2927cb454d6", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "product"}, "temperature": {"part": "own_step", "rate": 0.001, "momentum": 0.8}, "momentum": {"part": "nesterov", "beta": 0.8}, "direction": {"part": "raw"}, "magnitude": {"part": "natural"}, "steps": {"part": "by_side", "scores": 0.245, "values": 1.0, "ramp": 0.0, "ramp_from": 0.75}, "schedule": {"part": "constant", "lr": 0.078, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(19,1,'outcome','{"state": "complete", "reason": "", "duration_s": 4.74527888999728, "sandbox": "full", "score": 19.105609893798828, "final": 19.105609893798828, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(20,2,'outcome','{"state": "complete", "reason": "", "duration_s": 0.26763577300152974, "sandbox": "full", "score": 3.755788803100586, "final": 3.755788803100586, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(21,4,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(22,4,'proposal','{"origin": "recipe", "label": "lion", "digest": "0dc493a20cb8f2b473aef13d2ba007cb5d901ad2d348f9d3e6b853197f4baa0f", "spec": {"phases": [{"from": 0.0, "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.99}, "direction": {"part": "sign"}, "schedule": {"part": "cosine", "lr": 0.008, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(23,5,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(24,5,'proposal','{"origin": "recipe", "label": "muon", "digest": "62b80e21a17fa4e7484e2aa9095e520e1d9fa93ce3b84d8d608f73ce51597913", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "lookahead", "blend": 0.9025, "beta": 0.95}, "direction": {"part": "muon"}, "schedule": {"part": "cosine", "lr": 0.01, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(25,3,'outcome','{"state": "complete", "reason": "", "duration_s": 0.16592536199459573, "sandbox": "full", "score": 11.129192352294922, "final": 11.129192352294922, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(26,6,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(27,6,'proposal','{"origin": "recipe", "label": "normuon", "digest": "17e342b83a5b1141ad5a23d741c05909468e681488197a5c39b7d04c0d22a0e2", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "lookahead", "blend": 0.95, "beta": 0.95}, "direction": {"part": "normuon", "beta2": 0.95}, "schedule": {"part": "cosine", "lr": 0.01, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(28,4,'outcome','{"state": "complete", "reason": "", "duration_s": 0.18361858899879735, "sandbox": "full", "score": 25.37578773498535, "final": 25.37578773498535, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(29,7,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(30,7,'proposal','{"origin": "recipe", "label": "comp_muon", "digest": "ed465a4656b4f766276c46e8877b615eda859e5b163a6c8fd31b1baff920fbe0", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.0003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "nesterov", "beta": 0.95}, "direction": {"part": "comp_muon", "damping": 0.01, "damping_end": 0.0, "damping_from": 0.75}, "schedule": {"part": "cosine", "lr": 0.004419, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(31,5,'outcome','{"state": "complete", "reason": "", "duration_s": 0.22178704100224422, "sandbox": "full", "score": 26.190391540527344, "final": 26.190391540527344, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(32,8,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(33,8,'proposal','{"origin": "recipe", "label": "adaptive_cm", "digest": "bba19c74e9424b799faae9e3c4d68de69b7ee12961f217bcbdd5136a550a1961", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.0003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "nesterov", "beta": 0.95}, "direction": {"part": "comp_muon", "damping": 1.0, "damping_end": 0.0, "damping_from": 0.75}, "schedule": {"part": "cosine", "lr": 0.06629, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(34,6,'outcome','{"state": "complete", "reason": "", "duration_s": 0.34813332300109323, "sandbox": "full", "score": 26.260555267333984, "final": 26.260555267333984, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(35,9,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(36,9,'proposal','{"origin": "recipe", "label": "cm_tail_ema", "digest": "7c72327327c8831578ea7f154911ad1877c21010c3bdb66e99fa426c488c9df0", "spec": {"averaging": {"part": "tail_ema", "start": 0.8125, "decay": 0.96}, "phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "nesterov", "beta": 0.95}, "direction": {"part": "comp_muon", "damping": 1.0, "damping_end": 0.01, "damping_from": 0.75}, "steps": {"part": "by_side", "scores": 1.0, "values": 1.0, "ramp": 1.75, "ramp_from": 0.75}, "schedule": {"part": "lognormal", "lr": 0.1348, "warmup": 0.0, "floor": 0.000656, "peak": 0.1025, "sigma": 0.63}}, {"from": 0.675, "coordinates": {"part": "balanced"}, "vectors": {"part": "adam", "rate": 0.003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "nesterov", "beta": 0.95}, "direction": {"part": "comp_muon", "damping": 1.0, "damping_end": 0.01, "damping_from": 0.75}, "steps": {"part": "by_side", "scores": 1.0, "values": 1.0, "ramp": 1.75, "ramp_from": 0.75}, "schedule": {"part": "lognormal", "lr": 0.1348, "warmup": 0.0, "floor": 0.000656, "peak": 0.1025, "sigma": 0.63}}]}}');
INSERT INTO "trial_user_attributes" VALUES(37,7,'outcome','{"state": "complete", "reason": "", "duration_s": 0.36481273899698863, "sandbox": "full", "score": 28.726177215576172, "final": 28.726177215576172, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(38,8,'outcome','{"state": "complete", "reason": "", "duration_s": 0.24938801499956753, "sandbox": "full", "score": 6.89418888092041, "final": 6.89418888092041, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(39,10,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(40,10,'proposal','{"origin": "recipe", "label": "shampoo_lion", "digest": "504d05350bb5a5a1b70399caa765ed52849af9a4e96b17d23a66dd91e7b94bb2", "spec": {"averaging": {"part": "coherent", "start": 0.8, "decay": 0.96, "pull": 0.03}, "phases": [{"from": 0.0, "momentum": {"part": "lookahead", "blend": 0.9, "beta": 0.99}, "direction": {"part": "sign"}, "blend": {"part": "shampoo", "share": 0.15, "start": 0.525}, "memory": {"part": "slow", "share": 0.015, "beta": 0.98}, "damping": {"part": "curvature", "strength": 0.35}, "schedule": {"part": "wsd", "lr": 0.008, "warmup": 0.0, "floor": 0.02, "decay": 0.6}}]}}');
INSERT INTO "trial_user_attributes" VALUES(41,11,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(42,11,'proposal','{"origin": "recipe", "label": "soap", "digest": "bee1c8a5aa583dd2d7dacde8e017eac9d357a24a5ca3df788ff561e9879014d0", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "ema", "beta": 0.95}, "direction": {"part": "soap", "beta2": 0.95, "eps": 1e-08}, "schedule": {"part": "cosine", "lr": 0.02, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(43,9,'outcome','{"state": "complete", "reason": "", "duration_s": 0.3184480199997779, "sandbox": "full", "score": 9.540087699890137, "final": 9.540087699890137, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(44,12,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(45,12,'proposal','{"origin": "recipe", "label": "cm_product_space", "digest": "a5361d9183e57dc5592c788beef108ab72f54e4d889d3cf7f20b6354e83e8c10", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "factors"}, "vectors": {"part": "adam", "rate": 0.003, "beta1": 0.9, "beta2": 0.999}, "momentum": {"part": "nesterov", "beta": 0.85}, "direction": {"part": "comp_muon", "damping": 1.0, "damping_end": 0.0, "damping_from": 0.75}, "schedule": {"part": "lognormal", "lr": 0.2386, "warmup": 0.0, "floor": 0.0, "peak": 0.0275, "sigma": 0.6}}, {"from": 0.15, "coordinates": {"part": "product"}, "temperature": {"part": "own_step", "rate": 0.001, "momentum": 0.8}, "momentum": {"part": "nesterov", "beta": 0.8}, "direction": {"part": "raw"}, "magnitude": {"part": "natural"}, "steps": {"part": "by_side", "scores": 0.22, "values": 1.0, "ramp": 0.0, "ramp_from": 0.75}, "schedule": {"part": "constant", "lr": 0.078, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(46,10,'outcome','{"state": "complete", "reason": "", "duration_s": 0.41760722999606514, "sandbox": "full", "score": 24.713289260864258, "final": 24.713289260864258, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(47,11,'outcome','{"state": "complete", "reason": "", "duration_s": 0.3040869169999496, "sandbox": "full", "score": 25.562135696411133, "final": 25.562135696411133, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(48,13,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(49,13,'proposal','{"origin": "sampled", "label": "balanced-sign-ema-linear", "digest": "b810ac62538ea6d0a43e07e6730d5deaa76f95f257530f9f6e08afaa82d051e3", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "balanced"}, "momentum": {"part": "ema", "beta": 0.997962}, "direction": {"part": "sign"}, "schedule": {"part": "linear", "lr": 0.06887, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(50,14,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(51,14,'proposal','{"origin": "sampled", "label": "product-adam-ema", "digest": "31e3e9ab1ee73351996531e591c2a985d3c6ed2d57b296cea459e09bd8df0dcd", "spec": {"phases": [{"from": 0.0, "coordinates": {"part": "product"}, "momentum": {"part": "ema", "beta": 0.4475}, "direction": {"part": "adam", "beta2": 0.6145, "eps": 3.904e-09}, "blend": {"part": "shampoo", "share": 0.01304, "start": 0.04006}, "steps": {"part": "by_side", "scores": 1.521e-06, "values": 0.01215, "ramp": 0.0, "ramp_from": 0.0548}, "schedule": {"part": "constant", "lr": 0.8934, "warmup": 0.0, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(52,12,'outcome','{"state": "complete", "reason": "", "duration_s": 0.2472901740038651, "sandbox": "full", "score": 9.432899475097656, "final": 9.432899475097656, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(53,13,'outcome','{"state": "complete", "reason": "", "duration_s": 0.24504775700188475, "sandbox": "full", "score": 11.265020370483398, "final": 11.265020370483398, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(54,14,'outcome','{"state": "complete", "reason": "", "duration_s": 0.26784972400491824, "sandbox": "full", "score": 26.846965789794922, "final": 26.846965789794922, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
CREATE TABLE trial_values (
	trial_value_id INTEGER NOT NULL, 
	trial_id INTEGER NOT NULL, 
	objective INTEGER NOT NULL, 
	value FLOAT, 
	value_type VARCHAR(7) NOT NULL, 
	PRIMARY KEY (trial_value_id), 
	UNIQUE (trial_id, objective), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_values" VALUES(1,1,0,1.9105609893798828125e+01,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,3.7557888031005859375e+00,'FINITE');
INSERT INTO "trial_values" VALUES(3,3,0,1.11291923522949218747e+01,'FINITE');
INSERT INTO "trial_values" VALUES(4,4,0,2.53757877349853515629e+01,'FINITE');
INSERT INTO "trial_values" VALUES(5,5,0,2.61903915405273437491e+01,'FINITE');
INSERT INTO "trial_values" VALUES(6,6,0,2.62605552673339843745e+01,'FINITE');
INSERT INTO "trial_values" VALUES(7,7,0,2.8726177215576171875e+01,'FINITE');
INSERT INTO "trial_values" VALUES(8,8,0,6.89418888092041,'FINITE');
INSERT INTO "trial_values" VALUES(9,9,0,9.54008769989013671875e+00,'FINITE');
INSERT INTO "trial_values" VALUES(10,10,0,2.47132892608642578129e+01,'FINITE');
INSERT INTO "trial_values" VALUES(11,11,0,2.55621356964111328129e+01,'FINITE');
INSERT INTO "trial_values" VALUES(12,12,0,9.43289947509765625e+00,'FINITE');
INSERT INTO "trial_values" VALUES(13,13,0,1.12650203704833984375e+01,'FINITE');
INSERT INTO "trial_values" VALUES(14,14,0,2.68469657897949218758e+01,'FINITE');
CREATE TABLE trials (
	trial_id INTEGER NOT NULL, 
	number INTEGER, 
	study_id INTEGER, 
	state VARCHAR(8) NOT NULL, 
	datetime_start DATETIME, 
	datetime_complete DATETIME, 
	PRIMARY KEY (trial_id), 
	FOREIGN KEY(study_id) REFERENCES studies (study_id)
);
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-27 13:37:00.430032','2026-11-27 13:37:01.078315');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-27 13:37:00.569602','2026-11-27 13:37:01.109631');
INSERT INTO "trials" VALUES(3,2,1,'COMPLETE','2026-11-27 13:37:00.883161','2026-11-27 13:37:01.476525');
INSERT INTO "trials" VALUES(4,3,1,'COMPLETE','2026-11-27 13:37:01.182451','2026-11-27 13:37:01.640236');
INSERT INTO "trials" VALUES(5,4,1,'COMPLETE','2026-11-27 13:37:01.329082','2026-11-27 13:37:01.833805');
INSERT INTO "trials" VALUES(6,5,1,'COMPLETE','2026-11-27 13:37:01.519383','2026-11-27 13:37:02.079971');
INSERT INTO "trials" VALUES(7,6,1,'COMPLETE','2026-11-27 13:37:01.713254','2026-11-27 13:37:02.690387');
INSERT INTO "trials" VALUES(8,7,1,'COMPLETE','2026-11-27 13:37:01.877215','2026-11-27 13:37:02.780280');
INSERT INTO "trials" VALUES(9,8,1,'COMPLETE','2026-11-27 13:37:02.156872','2026-11-27 13:37:03.490323');
INSERT INTO "trials" VALUES(10,9,1,'COMPLETE','2026-11-27 13:37:03.021035','2026-11-27 13:37:04.213119');
INSERT INTO "trials" VALUES(11,10,1,'COMPLETE','2026-11-27 13:37:03.347497','2026-11-27 13:37:04.337187');
INSERT INTO "trials" VALUES(12,11,1,'COMPLETE','2026-11-27 13:37:03.676381','2026-11-27 13:37:06.090942');
INSERT INTO "trials" VALUES(13,12,1,'COMPLETE','2026-11-27 13:37:04.484868','2026-11-27 13:37:06.132893');
INSERT INTO "trials" VALUES(14,13,1,'COMPLETE','2026-11-27 13:37:05.303256','2026-11-27 13:37:06.475230');
CREATE TABLE version_info (
	version_info_id INTEGER NOT NULL, 
	schema_version INTEGER, 
	library_version VARCHAR(256), 
	PRIMARY KEY (version_info_id), 
	CHECK (version_info_id=1)
);
INSERT INTO "version_info" VALUES(1,12,'5.0.0');
CREATE UNIQUE INDEX ix_studies_study_name ON studies (study_name);
CREATE INDEX ix_trials_study_id ON trials (study_id);
COMMIT;