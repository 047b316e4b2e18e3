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
INSERT INTO "study_user_attributes" VALUES(1,1,'version','{"number": 3, "written_by": "autoresearch 0.1.0"}');
INSERT INTO "study_user_attributes" VALUES(2,1,'settings','{"track": "mqar", "objective": "steps", "budget": 2, "seed": 0, "seeds": 13, "scale": "small", "sampler": "tpe", "recipes": false, "ladder": [{"scale": "tiny", "keep": 0.5}], "tuned": null, "device": "cpu", "official_device": "cpu", "min_effect": 0.0}');
INSERT INTO "study_user_attributes" VALUES(3,1,'overrides','{"name": "winner"}');
INSERT INTO "study_user_attributes" VALUES(4,1,'costs','{"search": {"wall_s": 5.735478216000047, "cpu_s": 4.22, "gpu_s": 0.0}, "confirm": {"wall_s": 15.252978517000884, "cpu_s": 3.4099999999999993, "gpu_s": 0.0}, "ablate": {"wall_s": 46.958724825999525, "cpu_s": 12.43, "gpu_s": 0.0}, "compare": {"wall_s": 23.27393935699729, "cpu_s": 11.279999999999998, "gpu_s": 0.0}, "publish": {"wall_s": 0.07826058100181399, "cpu_s": 0.010000000000005116, "gpu_s": 0.0}, "done": {"wall_s": 0.0, "cpu_s": 0.00999999999999801, "gpu_s": 0.0}}');
INSERT INTO "study_user_attributes" VALUES(5,1,'stage','"done"');
INSERT INTO "study_user_attributes" VALUES(7,1,'comparison 7013b2e730d6b587ebe5f80d257745a19db95f74f408a848f10d3a283f572bcf/e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b','{"challenger": "7013b2e730d6b587ebe5f80d257745a19db95f74f408a848f10d3a283f572bcf", "opponent": "e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b", "key": "ad3f7aa49634fa4da052b04ff6d596a9a1107807c552a4f6f8853c6669800af3"}');
INSERT INTO "study_user_attributes" VALUES(8,1,'comparison faaa465a8e0615c4ace90a50ab07b53c25b08dd12b8338c4e261313d7378980b/e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b','{"challenger": "faaa465a8e0615c4ace90a50ab07b53c25b08dd12b8338c4e261313d7378980b", "opponent": "e8bf47bc2043d274367d00b0230c8045ac467acc03edd1edd1d2251280c0610b", "key": "49d24678d1b6888a582c5633337cabdaa51a65c32ddd5ff123b8b17cccc9ab11"}');
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
INSERT INTO "trial_intermediate_values" VALUES(1,2,0,7.30058252427184442004e+01,'FINITE');
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
INSERT INTO "trial_params" VALUES(1,2,'start.used',7.54337795912758068972e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(2,2,'readout.used',7.45422890264475612731e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(3,2,'averaging.used',6.28177426297780394648e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(4,2,'coordinates.used',9.5074307551186254539e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(5,2,'queries.used',8.92238521831814068718e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(6,2,'vectors.used',0.385899284138546,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(7,2,'vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(8,2,'vectors.adam.rate',9.65711346998391e-05,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(9,2,'vectors.adam.beta1',1.60079917455469789011e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(10,2,'vectors.adam.beta2',2.75803293448045085123e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(11,2,'treatment.used',5.52538777669580705165e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(12,2,'momentum.used',4.08248232880608852291e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(13,2,'momentum',4.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(14,2,'momentum.warmed.beta',2.18104459157376787473e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(15,2,'momentum.warmed.first',3.28885973603648407159e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.1, "high": 0.95, "log": false}}');
INSERT INTO "trial_params" VALUES(16,2,'momentum.warmed.rise',3.18279346641741692214e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(17,2,'direction.used',2.18983644771770791237e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(18,2,'direction but comp_muon, comp_muon_adaptive',4.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express", "normuon", "shampoo", "soap", "psgd_kron", "mousse"]}}');
INSERT INTO "trial_params" VALUES(19,2,'blend.used',9.52992899467720699924e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(20,2,'memory.used',7.30275075129617201596e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(21,2,'memory',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["slow"]}}');
INSERT INTO "trial_params" VALUES(22,2,'memory.slow.share',9.32622828206380177773e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(23,2,'memory.slow.beta',8.34100600624295140939e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.1, "log": true}}');
INSERT INTO "trial_params" VALUES(24,2,'damping.used',5.41643959847164513377e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(25,2,'damping',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["curvature"]}}');
INSERT INTO "trial_params" VALUES(26,2,'damping.curvature.strength',9.79255079996755428695e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 3.0, "log": true}}');
INSERT INTO "trial_params" VALUES(27,2,'mask.used',3.30656489223499772123e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(28,2,'mask',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["cautious"]}}');
INSERT INTO "trial_params" VALUES(29,2,'magnitude.used',9.93412179237752490656e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(30,2,'steps.used',5.21347638269095692287e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(31,2,'decay.used',3.9029589163313116451e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(32,2,'decay',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["decoupled", "cautious"]}}');
INSERT INTO "trial_params" VALUES(33,2,'decay.decoupled.rate',6.22480626742612924706e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(34,2,'schedule.used',9.3053384806686667563e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(35,2,'schedule.lr',5.10022632528933095308e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(36,2,'schedule.warmup.used',3.01292911885059355725e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(37,2,'schedule.warmup',2.99323603751331900058e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0025, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(38,2,'schedule.floor.used',4.51801532384213055948e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(39,2,'phases',2.81498076639489447359e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(40,2,'2.from',1.58937369107451625938e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.05, "high": 0.8, "log": true}}');
INSERT INTO "trial_params" VALUES(41,2,'2.coordinates.used',2.77163359549147281235e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(42,2,'2.coordinates',1.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["factors", "rows"]}}');
INSERT INTO "trial_params" VALUES(43,2,'2.queries.used',6.03949140890690294725e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(44,2,'2.vectors.used',2.64710610970743442926e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(45,2,'2.vectors',0.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["adam"]}}');
INSERT INTO "trial_params" VALUES(46,2,'2.vectors.adam.rate',4.38306595959262433603e-03,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-05, "high": 0.3, "log": true}}');
INSERT INTO "trial_params" VALUES(47,2,'2.vectors.adam.beta1',3.6220422668729379545e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.01, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(48,2,'2.vectors.adam.beta2',1.97524206415303632544e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(49,2,'2.treatment.used',5.16891843404438500186e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(50,2,'2.momentum.used',7.66374878128751602091e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(51,2,'2.momentum',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["ema", "lookahead", "heavy_ball", "nesterov", "warmed"]}}');
INSERT INTO "trial_params" VALUES(52,2,'2.momentum.heavy_ball.beta',7.07615426098598399029e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.002, "high": 0.9, "log": true}}');
INSERT INTO "trial_params" VALUES(53,2,'2.direction.used',6.83389531435650843249e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(54,2,'2.direction but normuon, comp_muon, comp_muon_adaptive, shampoo, soap, psgd_kron, mousse',2.0,'{"name": "CategoricalDistribution", "attributes": {"choices": ["raw", "sign", "adam", "muon", "muon_gram", "polar_express"]}}');
INSERT INTO "trial_params" VALUES(55,2,'2.direction.adam.beta2',2.54249629389002688995e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0001, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(56,2,'2.direction.adam.eps',1.25711479126593686679e-08,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 1e-12, "high": 0.0001, "log": true}}');
INSERT INTO "trial_params" VALUES(57,2,'2.memory.used',1.17555448308492183073e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(58,2,'2.mask.used',8.59855791989747930692e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(59,2,'2.magnitude.used',5.57627655520142706535e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(60,2,'2.steps.used',6.727493555105434897e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(61,2,'2.decay.used',5.51219169018646648616e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(62,2,'2.schedule.used',8.55109434593837813842e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(63,2,'2.schedule.lr',5.07180588989547334599e-02,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.001, "high": 1.0, "log": true}}');
INSERT INTO "trial_params" VALUES(64,2,'2.schedule.warmup.used',1.78200312543708605517e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
INSERT INTO "trial_params" VALUES(65,2,'2.schedule.warmup',3.29312088269020752928e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0025, "high": 0.5, "log": true}}');
INSERT INTO "trial_params" VALUES(66,2,'2.schedule.floor.used',8.89534735853077629386e-01,'{"name": "FloatDistribution", "attributes": {"step": null, "low": 0.0, "high": 1.0, "log": false}}');
CREATE TABLE trial_system_attributes (
	trial_system_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_system_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_system_attributes" VALUES(1,1,'fixed_params','{}');
CREATE TABLE trial_user_attributes (
	trial_user_attribute_id INTEGER NOT NULL, 
	trial_id INTEGER, 
	"key" VARCHAR(512), 
	value_json TEXT, 
	PRIMARY KEY (trial_user_attribute_id), 
	UNIQUE (trial_id, "key"), 
	FOREIGN KEY(trial_id) REFERENCES trials (trial_id)
);
INSERT INTO "trial_user_attributes" VALUES(1,1,'queued','{"origin": "file", "label": "w", "digest": "dbe0c74bd6e1e4faeeb125c22c4e45946b7c00678262d2c535cf6ab6777fe4b6"}');
INSERT INTO "trial_user_attributes" VALUES(2,1,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(3,1,'proposal','{"origin": "file", "label": "w", "digest": "dbe0c74bd6e1e4faeeb125c22c4e45946b7c00678262d2c535cf6ab6777fe4b6", "spec": null}');
INSERT INTO "trial_user_attributes" VALUES(4,2,'beginnings','1');
INSERT INTO "trial_user_attributes" VALUES(5,2,'proposal','{"origin": "sampled", "label": "muon_gram-warmed+rows-adam-heavy_ball-constant", "digest": "7013b2e730d6b587ebe5f80d257745a19db95f74f408a848f10d3a283f572bcf", "spec": {"phases": [{"from": 0.0, "vectors": {"part": "adam", "rate": 9.657e-05, "beta1": 0.8399, "beta2": 0.97242}, "momentum": {"part": "warmed", "beta": 0.997819, "first": 0.3289, "rise": 0.03183}, "direction": {"part": "muon_gram"}, "memory": {"part": "slow", "share": 0.009326, "beta": 0.91659}, "damping": {"part": "curvature", "strength": 0.9793}, "mask": {"part": "cautious"}, "decay": {"part": "decoupled", "rate": 0.06225}, "schedule": {"part": "constant", "lr": 0.051, "warmup": 0.02993, "floor": 0.0}}, {"from": 0.1589, "coordinates": {"part": "rows"}, "vectors": {"part": "adam", "rate": 0.004383, "beta1": 0.6378, "beta2": 0.8025}, "momentum": {"part": "heavy_ball", "beta": 0.92924}, "direction": {"part": "adam", "beta2": 0.97458, "eps": 1.257e-08}, "schedule": {"part": "constant", "lr": 0.05072, "warmup": 0.3293, "floor": 0.0}}]}}');
INSERT INTO "trial_user_attributes" VALUES(6,1,'outcome','{"state": "complete", "reason": "", "duration_s": 1.2458266079993336, "sandbox": "full", "score": 81.0, "final": 0.7470703125, "steps_to_target": null, "at_target": false, "scale": "small", "rungs": {}}');
INSERT INTO "trial_user_attributes" VALUES(7,2,'outcome','{"state": "complete", "reason": "", "duration_s": 2.450715170998592, "sandbox": "full", "score": 43.0, "final": 0.9931640625, "steps_to_target": 43, "at_target": true, "scale": "small", "rungs": {"tiny": 73.00582524271844}}');
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
INSERT INTO "trial_values" VALUES(1,1,0,8.12018706157443546055e+01,'FINITE');
INSERT INTO "trial_values" VALUES(2,2,0,4.3006789524733271433e+01,'FINITE');
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
INSERT INTO "trials" VALUES(1,0,1,'COMPLETE','2026-11-27 10:10:31.912855','2026-11-27 10:10:34.812502');
INSERT INTO "trials" VALUES(2,1,1,'COMPLETE','2026-11-27 10:10:32.108867','2026-11-27 10:10:37.370327');
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